/** What is known of values before any record is seen: for definitions that say what they yield. */

export { type Notation, type NotationProblem, readNotation } from './notation.ts';
export { type DeadEnd, deadEndOf, deletePath, fill, getPath, isNever, putPath, replacePath, setPath } from './paths.ts';
export * from './record-type.ts';
export { type Misfit, misfitOf, refine, sharesKind } from './relations.ts';
export { kindsText, misfitText, typeLines, typeText } from './text.ts';
