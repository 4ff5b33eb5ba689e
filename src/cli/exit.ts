/** Exit codes of every command. */
export const Exit = { done: 0, invalid: 1, usage: 2, failed: 3 } as const;

/** Ends a command with a code; what there is to say has been said. */
export class ExitError extends Error {
  readonly code: number;

  constructor(code: number, message = '') {
    super(message);
    this.name = 'ExitError';
    this.code = code;
  }
}
