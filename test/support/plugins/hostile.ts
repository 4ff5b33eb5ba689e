/** What code may throw that nobody can look at without being thrown at. By name, so that records can ask for it. */

const trap = (): never => {
  throw new Error('a trap');
};

export const hostile: Readonly<Record<string, () => unknown>> = {
  'a proxy of traps': () =>
    new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, set: trap }),
  'a proxy of an error': () => new Proxy(new Error('behind a proxy'), { get: trap, has: trap, getPrototypeOf: trap }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a class of traps': () =>
    new (class {
      get message(): string {
        return trap();
      }
      get stack(): string {
        return trap();
      }
      toString(): string {
        return trap();
      }
      [Symbol.toPrimitive](): string {
        return trap();
      }
    })(),
  'an error whose message throws': () => Object.defineProperty(new Error('x'), 'message', { get: trap }),
  'an error whose stack throws': () => Object.defineProperty(new Error('no stack'), 'stack', { get: trap }),
  'an error whose texts are none': () => Object.assign(new Error('x'), { message: { toString: trap }, stack: 7, name: 1n }),
  'what says that it is of Millrace': () => ({ [Symbol.for('millrace.error')]: true, code: trap, message: 7, parameters: null }),
  'what says that it may pass': () => new Proxy({ [Symbol.for('millrace.retryable')]: true }, { has: trap, get: trap }),
  'nothing at all': () => undefined,
  'a frozen error': () => Object.freeze(new Error('frozen')),
  'a symbol': () => Symbol('odd'),
  'a big integer': () => 10n ** 30n,
  'a function': () => trap,
  'a thenable of traps': () => Object.defineProperty({}, 'then', { get: trap }),
  'a message without an end': () => new Error('x'.repeat(20_000_000)),
  'a message of many lines': () => new Error('x\n'.repeat(5_000_000)),
};
