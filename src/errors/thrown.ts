import { inspect, types } from 'node:util';

/** What is said of something thrown is cut here, in UTF-16 code units: it goes into dead letters, logs and answers. */
const LONGEST_REASON = 10_000;
/** How much of a stack is looked at, from its end: an error's whole message stands before its places. */
const LONGEST_STACK = 20_000;
/** How much is shown of what is thrown and no error. */
const SHOWN = { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 10, maxStringLength: 200, customInspect: false };

/**
 * The reason in anything thrown, for a `{reason}` place: an error's message, else the value as text. Code of others throws what it
 * likes: a proxy, an error whose message is computed and throws, nothing at all. So this never throws, nor gives more than 10,000
 * characters.
 */
export function reasonOf(thrown: unknown): string {
  return cut(attempt(() => messageIn(thrown)) ?? attempt(() => shown(thrown)) ?? `a value of the type ${typeof thrown}`);
}

/** The end of an error's stack, where its places are; empty where it has none. Never throws. */
export function stackOf(thrown: unknown): string {
  const stack = attempt(() => (isObject(thrown) ? thrown['stack'] : undefined));
  return typeof stack === 'string' ? stack.slice(-LONGEST_STACK) : '';
}

/** Whether it is an error, without asking it. */
export function isError(thrown: unknown): thrown is Error {
  return (
    types.isNativeError(thrown) || (isObject(thrown) && !types.isProxy(thrown) && attempt(() => thrown instanceof Error) === true)
  );
}

/** A field that is the object's own and needs no code of others to be read; `undefined` where there is none. */
export function ownField(value: unknown, name: PropertyKey): unknown {
  if (!isObject(value) || types.isProxy(value)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** The message of an error, and of what only looks like one. */
function messageIn(thrown: unknown): string | undefined {
  if (!isObject(thrown)) return undefined;
  const { message } = thrown;
  if (typeof message !== 'string') return undefined;
  return message === '' && isError(thrown) ? nameOf(thrown) : message;
}

function nameOf({ name }: Error): string {
  return typeof name === 'string' && name !== '' ? `${name} without a message` : 'an error without a message';
}

function shown(thrown: unknown): string {
  return isObject(thrown) ? inspect(thrown, SHOWN) : String(thrown);
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function cut(text: string): string {
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}...` : text;
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
