/** Says where in a text something stands that is to be redacted: from `start` to before `end`. */
export type Report = (start: number, end: number) => void;

/** Finds all of one kind in a text, from left to right, in time that grows with the text's length. Never throws. */
export type Detector = (text: string, report: Report) => void;

export const ZERO = 48;
export const NINE = 57;

export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** Whether the character at `at` is an ASCII letter or digit, which would make a match a piece of a longer word. */
export function isAlphanumericAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
