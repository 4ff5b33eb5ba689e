import { mix } from './mix.ts';

const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'] as const;
const SECTIONS = ['products', 'articles', 'images', 'api/v1/orders', 'downloads', 'search', 'account', 'static/css'] as const;
const STATUSES = [200, 200, 200, 200, 200, 200, 200, 200, 301, 304, 404, 404, 403, 500, 503, 200] as const;
const REFERRERS = [
  '-',
  'https://www.example.com/',
  'https://search.example.org/?q=millrace',
  'https://blog.example.net/2024/kafka',
] as const;
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example.com/about)',
  'curl/8.8.0',
] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The first line's time: 2024-05-17T10:05:00Z. Lines are this far apart, so that the same seed gives the same lines on any day. */
const FIRST_TIME = Date.UTC(2024, 4, 17, 10, 5, 0);
const MS_APART = 50;

function pick<T>(choices: readonly T[], number: number): T {
  return choices[number % choices.length] as T;
}

const two = (number: number): string => String(number).padStart(2, '0');

/** `17/May/2024:10:05:00 +0000`, as Apache's %t. */
function apacheTime(ms: number): string {
  const time = new Date(ms);
  const date = `${two(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  return `${date}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}

/** What one synthetic request was: the same for the same seed and sequence number. */
export interface AccessEvent {
  readonly sequence: number;
  readonly time: number;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly referrer: string;
  readonly agent: string;
}

export function accessEvent(seed: number, sequence: number): AccessEvent {
  const a = mix(seed, sequence);
  const b = mix(seed ^ 0x5bd1e995, sequence);
  const status = pick(STATUSES, a >>> 8);
  return {
    sequence,
    time: FIRST_TIME + sequence * MS_APART,
    address: `${10 + (a % 3)}.${(b >>> 3) & 31}.${(b >>> 8) & 15}.${1 + ((b >>> 12) % 250)}`,
    method: pick(METHODS, a >>> 4),
    path: `/${pick(SECTIONS, a >>> 12)}/${(b >>> 16) & 1023}?n=${sequence}`,
    status,
    bytes: status === 304 ? 0 : 200 + (b % 60_000),
    referrer: pick(REFERRERS, a >>> 16),
    agent: pick(AGENTS, a >>> 20),
  };
}

/** One line in Apache's combined format, without line break. Its sequence number stands in the query: `?n=17`. */
export function accessLine(seed: number, sequence: number): string {
  const { time, address, method, path, status, bytes, referrer, agent } = accessEvent(seed, sequence);
  return `${address} - - [${apacheTime(time)}] "${method} ${path} HTTP/1.1" ${status} ${bytes === 0 ? '-' : bytes} "${referrer}" "${agent}"`;
}
