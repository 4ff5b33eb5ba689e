import { mix } from '../mix.ts';

/** Most devices of one customer. */
export const MAX_DEVICES = 4;
/** Devices of fraudsters are numbered from here, so that they are never a customer's. */
const FIRST_STRANGE = 0x8000_0000;

/** A customer's device. Different ones have different ids, for one seed. */
export function deviceOf(seed: number, customer: number, device: number): string {
  return idOf(seed, customer * MAX_DEVICES + device);
}

/** A device that no customer has, one for each episode of fraud. */
export function strangeDevice(seed: number, episode: number): string {
  return idOf(seed, FIRST_STRANGE + (episode % FIRST_STRANGE));
}

function idOf(seed: number, serial: number): string {
  return `d-${mix(seed ^ 0x0de71ce, serial)
    .toString(16)
    .padStart(8, '0')}`;
}

/** An address in 198.18.0.0/15, which is set aside for tests (RFC 2544) and is nobody's. */
export function addressOf(hash: number): string {
  return `198.${18 + (hash & 1)}.${(hash >>> 1) & 255}.${1 + ((hash >>> 9) % 254)}`;
}
