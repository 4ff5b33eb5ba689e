import { MillraceError } from '../errors/index.ts';
import { parseDuration } from '../sdk/schema.ts';

/** A span with its unit as ms. Throws RXJS_OPTIONS. */
export function millisOf(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  const reason = `${JSON.stringify(text)} is no span; write a number and a unit: 500ms, 10s, 5m`;
  throw new MillraceError('RXJS_OPTIONS', { operator: option, reason });
}
