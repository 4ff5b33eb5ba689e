import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import type { Surrounding } from '../stream/processor/work-in.ts';

/**
 * Which plugin's code is at work, also in the timers and promises that it has begun. It tells whose fault it is that something was
 * thrown where nobody waits for it, and where only a package that the plugin uses stands in the stack. Nothing is paid for it until
 * the first plugin runs.
 */
const atWork = new AsyncLocalStorage<string>();

/** In a stack, what stands above this file was called by way of it: it is the plugin's doing. */
export const BOUNDARY = fileURLToPath(import.meta.url);

/** Gives what calls functions as code of the plugin of that name. */
export function surroundingOf(plugin: string): Surrounding {
  keepInMicrotasks();
  return (call, ...given) => atWork.run(plugin, call, ...given);
}

/** `undefined`: Millrace itself. Asked of an error that nobody waited for: whoever has begun the work that threw it. */
export function pluginAtWork(): string | undefined {
  return atWork.getStore();
}

let keeps = false;

/** What a microtask throws is told by Node when it has forgotten whose that was; it is thrown once more, from where it is known. */
function keepInMicrotasks(): void {
  if (keeps) return;
  keeps = true;
  const queue = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (callback) => {
    if (typeof callback !== 'function' || pluginAtWork() === undefined) queue(callback);
    else queue(() => callAndKeep(callback));
  };
}

function callAndKeep(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
