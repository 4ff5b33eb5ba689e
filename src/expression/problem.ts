import { type ErrorCode, type ErrorParameters, errorMessage } from '../errors/index.ts';

/** One mistake in an expression, a template or a `map` program. */
export interface ExpressionProblem {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where it is in the text that was compiled, in UTF-16 code units. */
  readonly offset: number;
  /** How much of the text it concerns; at least 1, but 0 at the end of the text. */
  readonly length: number;
  /** What was probably meant, to be put in place of the marked text. */
  readonly suggestion?: string;
  /** Absent: it is an error. */
  readonly severity?: 'warning';
}

/** A part of the text that was compiled. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Makes a problem whose message is the code's, filled with `parameters`. */
export function problem(code: ErrorCode, span: Span, parameters: ErrorParameters, suggestion?: string): ExpressionProblem {
  const found = { code, message: errorMessage(code, parameters), offset: span.start, length: span.end - span.start };
  return suggestion === undefined ? found : { ...found, suggestion };
}
