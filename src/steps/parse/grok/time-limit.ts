import { createContext, Script } from 'node:vm';

/** How long one text may take, in ms, where its length does not bound the time. */
export const MATCH_TIMEOUT = 500;

/** What {@link execWithin} gives where the time was up. */
export const TIMED_OUT = Symbol('timed out');

const sandbox: { run: (() => void) | undefined } = { run: undefined };
let started: { readonly script: Script; readonly context: object } | undefined;

/**
 * Matches within {@link MATCH_TIMEOUT}. JavaScript's expressions cannot be interrupted from the inside; the time limit
 * of node:vm interrupts them from another thread. It costs some 0.2 ms a call, so it is for texts that may need it.
 */
export function execWithin(expression: RegExp, text: string): RegExpExecArray | null | typeof TIMED_OUT {
  started ??= { script: new Script('run()'), context: createContext(sandbox) };
  let match: RegExpExecArray | null = null;
  sandbox.run = () => {
    match = expression.exec(text);
  };
  try {
    started.script.runInContext(started.context, { timeout: MATCH_TIMEOUT });
    return match;
  } catch (error) {
    // The error may be of the context's own class, so it is known by its code only.
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return TIMED_OUT;
    throw error;
  } finally {
    sandbox.run = undefined;
  }
}
