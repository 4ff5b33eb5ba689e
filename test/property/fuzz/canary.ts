import { CANARY, GLOBAL_CANARY } from './words.ts';

/**
 * Plants a field that every object inherits, and a global. Loaded before the compiler, which looks once at what is inherited; whatever then reads it
 * where the record has no such field of its own has looked at a prototype, or at a global.
 */
export const canary = { reads: 0 };

Object.defineProperty(Object.prototype, CANARY, {
  configurable: true,
  get: () => {
    canary.reads += 1;
    return 'from the prototype';
  },
  // As if nothing were inherited: a field that is set is the object's own.
  set(this: object, value: unknown) {
    Object.defineProperty(this, CANARY, { value, configurable: true, enumerable: true, writable: true });
  },
});

Object.defineProperty(globalThis, GLOBAL_CANARY, {
  configurable: true,
  get: () => {
    canary.reads += 1;
    return 'from the globals';
  },
  set: () => {
    canary.reads += 1;
  },
});
