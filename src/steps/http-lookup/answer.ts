/** What came of a look-up. */
export type Answer =
  /** The answer's JSON, as text: each record gets an object of its own. */
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'missing'; readonly reason: string }
  /** It can't be had, and asking again would not help. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It can't be had now. `retryAfterMs`: when the server asks to be asked again. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

/** An answer that needs no asking. */
export type Known = Extract<Answer, { readonly kind: 'found' | 'missing' }>;
