/** What bounds the work and the memory of one expression. A value that would go beyond is `undefined`, never an error. */

/** UTF-16 code units of one expression's text. */
export const MAX_EXPRESSION_TEXT = 10_000;

/** UTF-16 code units of a template or a `map` program. */
export const MAX_PROGRAM_TEXT = 65_536;

/** Statements of one `map` program. */
export const MAX_STATEMENTS = 1000;

/** Levels of nesting of one expression. A chain of n `||` has n levels. */
export const MAX_DEPTH = 250;

/** UTF-16 code units of a text that an expression makes. */
export const MAX_TEXT = 1_048_576;

/** Elements of a list that an expression makes. */
export const MAX_LIST = 10_000;

/** Levels of nesting of a value that an expression makes or copies. */
export const MAX_VALUE_DEPTH = 100;

/** Scalars, lists and objects, all counted, of a value that `map` copies into a field. */
export const MAX_VALUE_NODES = 100_000;
