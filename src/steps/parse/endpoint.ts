import type { JsonObject } from '../../record/json.ts';
import { isIpAddress } from './ip-address.ts';

/** The ECS fields `address`, `ip` and `port` of a host, `undefined` for none. `host` may have brackets, as IPv6 needs. */
export function endpointOf(host: string | undefined, port?: number): JsonObject | undefined {
  if (host === undefined || host === '' || host === '-') return undefined;
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return { address, ip: isIpAddress(address) ? address : undefined, port };
}

const PORT = /:(\d{1,5})$/;

/** As {@link endpointOf}, of `host:port` and `[2001:db8::1]:443`; the port may be missing. */
export function endpointWithPort(text: string): JsonObject | undefined {
  const match = isIpAddress(text) ? null : PORT.exec(text);
  return match === null ? endpointOf(text) : endpointOf(text.slice(0, match.index), Number(match[1]));
}

/** The number that a text of digits is, with a fraction where it has one; `undefined` for `-` and all else. */
export function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
