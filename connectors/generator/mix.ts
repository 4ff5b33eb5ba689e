/**
 * A number from 0 to 2^32-1 that depends on the seed and the number only: the finalizer of MurmurHash3 (Appleby, public
 * domain), so that anything numbered can be made without what is before it. For one seed, different numbers give different ones.
 */
export function mix(seed: number, number: number): number {
  let hash = (Math.imul(seed, 0x9e3779b1) ^ number) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
