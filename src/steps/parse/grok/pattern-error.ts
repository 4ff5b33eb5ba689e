/** What is wrong with a grok pattern: a part of a sentence that begins with the pattern's name. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}
