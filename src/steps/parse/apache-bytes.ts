import { ByteCopier, type Piece, piece } from '../../record/byte-copier.ts';
import type { ByteWay } from '../../record/byte-way.ts';
import { isDigit } from '../../record/json-bytes.ts';
import { integerEnd } from '../../record/json-shape.ts';
import { MessageEnvelope } from '../../record/message-envelope.ts';
import type { ApacheLayout } from './apache.ts';
import { CLF_TIME_LENGTH, ClfBytesClock } from './clf-bytes-clock.ts';

const SPACE = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;
const QUESTION = 0x3f;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** `\"`, as a quote stands in JSON. */
const QUOTE_BYTES = 2;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** Quotes that a line has at least: those around the request, and in combined those around referrer and user agent. */
const QUOTES = { common: 2, combined: 6 } as const;
/** Names that a line's fields have at the top, beside which an envelope must have none of the same name. */
const FIELDS = ['@timestamp', 'source', 'apache', 'user', 'http', 'url', 'user_agent', 'event'];
/** More than all names and brackets of a result. */
const FRAME_BYTES = 512;

const TIME = piece('{"@timestamp":"');
const ADDRESS = piece('","source":{"address":"');
const IP = piece('","ip":"');
const IDENTITY = piece(',"apache":{"access":{"user":{"identity":"');
const END_IDENTITY = piece('"}}}');
const USER = piece(',"user":{"name":"');
const METHOD = piece(',"http":{"request":{"method":"');
const REFERRER = piece('","referrer":"');
const VERSION = piece('"},"version":"');
const RESPONSE = piece('","response":{');
const STATUS = piece('"status_code":');
const BODY = piece('"body":{"bytes":');
const URL = piece(',"url":{"original":"');
const PATH = piece('","path":"');
const QUERY = piece('","query":"');
const AGENT = piece(',"user_agent":{"original":"');
const ORIGINAL = piece(',"event":{"original":"');
const END_TEXT = piece('"}');
const END = piece('}');
const COMMA = piece(',');

/**
 * Parses access lines from bytes to bytes: a quarter of the cost of the step, the JSON parser and the encoder together
 * (test/bench/stream-steps measures both). It takes on the plain lines only, which are nearly all: whatever is unusual is
 * left to the step, and what it writes is what the step would have made (test/property/apache-bytes holds it to that).
 */
export class ApacheBytes implements ByteWay {
  readonly #combined: boolean;
  readonly #envelope = new MessageEnvelope(FIELDS);
  readonly #clock = new ClfBytesClock();
  readonly #copier = new ByteCopier();
  #source: Buffer = Buffer.alloc(0);
  // Where the parts of the line stand; an end before its start is an absent one.
  #hostEnd = 0;
  #identityEnd = 0;
  #userEnd = 0;
  #methodEnd = 0;
  #urlEnd = 0;
  #versionEnd = 0;
  #statusStart = 0;
  #statusEnd = 0;
  #bytesStart = 0;
  #bytesEnd = 0;

  constructor(layout: ApacheLayout) {
    this.#combined = layout === 'combined';
  }

  /** The line stands in event.original, and in parts in fields, whose path is there twice; the rest once. */
  bound(length: number): number {
    return length * 3 + FRAME_BYTES;
  }

  write(source: Buffer, start: number, end: number, target: Buffer, at: number): number {
    const envelope = this.#envelope;
    this.#source = source;
    if (!envelope.find(source, start, end)) return -1;
    const quotes = this.#combined ? QUOTES.combined : QUOTES.common;
    if (envelope.quoteCount < quotes || !this.#readClient() || !this.#readRequest() || !this.#readResponse()) return -1;
    if (this.#combined && !this.#headersFollow()) return -1;
    const time = this.#clock.read(source, this.#userEnd + 2);
    if (time === undefined) return -1;
    this.#copier.between(source, target);
    return this.#writeAll(at, time);
  }

  /** Host, identity and user, and that a time stands behind them. */
  #readClient(): boolean {
    const { start, quotes } = this.#envelope;
    const source = this.#source;
    const request = quotes[0] as number;
    this.#hostEnd = hostEnd(source, start, request);
    this.#identityEnd = this.#blank(this.#hostEnd + 1, request);
    this.#userEnd = this.#blank(this.#identityEnd + 1, request);
    if (this.#hostEnd <= start || this.#identityEnd <= this.#hostEnd + 1 || this.#userEnd <= this.#identityEnd + 1) return false;
    // `[`, the time, `]` and a blank, then the request's quote.
    const timeEnd = this.#userEnd + 2 + CLF_TIME_LENGTH;
    return (
      source[this.#userEnd + 1] === OPEN_BRACKET &&
      source[timeEnd] === CLOSE_BRACKET &&
      source[timeEnd + 1] === SPACE &&
      timeEnd + 2 === request
    );
  }

  /** `GET /path HTTP/1.1`: a method in capitals, a URL without a blank, a version. */
  #readRequest(): boolean {
    const source = this.#source;
    const { quotes } = this.#envelope;
    const start = (quotes[0] as number) + QUOTE_BYTES;
    const end = quotes[1] as number;
    let at = start;
    while ((source[at] as number) >= UPPER_A && (source[at] as number) <= UPPER_Z) at += 1;
    this.#methodEnd = at;
    if (at === start || source[at] !== SPACE) return false;
    this.#urlEnd = this.#blank(at + 1, end);
    if (this.#urlEnd <= at + 1) return false;
    this.#versionEnd = end;
    return isVersion(source, this.#urlEnd + 1, end);
  }

  /** Status and size, each a number or `-`, with the quote of the referrer or nothing right behind them. */
  #readResponse(): boolean {
    const source = this.#source;
    const { quotes, end } = this.#envelope;
    this.#statusStart = (quotes[1] as number) + QUOTE_BYTES + 1;
    if (source[this.#statusStart - 1] !== SPACE) return false;
    this.#statusEnd = numberEnd(source, this.#statusStart);
    this.#bytesStart = this.#statusEnd + 1;
    if (this.#statusEnd < 0 || source[this.#statusEnd] !== SPACE) return false;
    this.#bytesEnd = numberEnd(source, this.#bytesStart);
    if (this.#bytesEnd < 0) return false;
    return this.#combined ? source[this.#bytesEnd] === SPACE : this.#bytesEnd === end || source[this.#bytesEnd] === SPACE;
  }

  #headersFollow(): boolean {
    const { quotes } = this.#envelope;
    return (
      quotes[2] === this.#bytesEnd + 1 &&
      quotes[4] === (quotes[3] as number) + QUOTE_BYTES + 1 &&
      this.#source[(quotes[4] as number) - 1] === SPACE
    );
  }

  #writeAll(to: number, time: Piece): number {
    const copier = this.#copier;
    const { start, end, quotes, beforeStart, beforeEnd, afterStart, afterEnd } = this.#envelope;
    let at = copier.piece(to, TIME);
    at = copier.piece(at, time);
    at = this.#writeClient(at);
    at = this.#writeHttp(at);
    at = this.#writeUrl(at);
    if (this.#combined && isGiven(this.#source, (quotes[4] as number) + QUOTE_BYTES, quotes[5] as number)) {
      at = copier.range(copier.piece(at, AGENT), (quotes[4] as number) + QUOTE_BYTES, quotes[5] as number);
      at = copier.piece(at, END_TEXT);
    }
    at = copier.range(copier.piece(at, ORIGINAL), start, end);
    at = copier.piece(at, END_TEXT);
    if (beforeEnd > beforeStart) at = copier.range(copier.piece(at, COMMA), beforeStart, beforeEnd);
    if (afterEnd > afterStart) at = copier.range(copier.piece(at, COMMA), afterStart, afterEnd);
    return copier.piece(at, END);
  }

  #writeClient(to: number): number {
    const copier = this.#copier;
    const source = this.#source;
    const { start } = this.#envelope;
    const hostEnd = this.#hostEnd;
    let at = copier.range(copier.piece(to, ADDRESS), start, hostEnd);
    if (isIPv4(source, start, hostEnd)) at = copier.range(copier.piece(at, IP), start, hostEnd);
    at = copier.piece(at, END_TEXT);
    if (isGiven(source, hostEnd + 1, this.#identityEnd)) {
      at = copier.range(copier.piece(at, IDENTITY), hostEnd + 1, this.#identityEnd);
      at = copier.piece(at, END_IDENTITY);
    }
    if (isGiven(source, this.#identityEnd + 1, this.#userEnd)) {
      at = copier.range(copier.piece(at, USER), this.#identityEnd + 1, this.#userEnd);
      at = copier.piece(at, END_TEXT);
    }
    return at;
  }

  #writeHttp(to: number): number {
    const copier = this.#copier;
    const source = this.#source;
    const { quotes } = this.#envelope;
    let at = copier.range(copier.piece(to, METHOD), (quotes[0] as number) + QUOTE_BYTES, this.#methodEnd);
    if (this.#combined && isGiven(source, (quotes[2] as number) + QUOTE_BYTES, quotes[3] as number)) {
      at = copier.range(copier.piece(at, REFERRER), (quotes[2] as number) + QUOTE_BYTES, quotes[3] as number);
    }
    // Behind `HTTP/`.
    at = copier.range(copier.piece(at, VERSION), this.#urlEnd + 6, this.#versionEnd);
    const status = source[this.#statusStart] !== DASH;
    const bytes = source[this.#bytesStart] !== DASH;
    if (!status && !bytes) return copier.piece(at, END_TEXT);
    at = copier.piece(at, RESPONSE);
    if (status) at = copier.range(copier.piece(at, STATUS), this.#statusStart, this.#statusEnd);
    if (status && bytes) at = copier.piece(at, COMMA);
    if (bytes) at = copier.piece(copier.range(copier.piece(at, BODY), this.#bytesStart, this.#bytesEnd), END);
    return copier.piece(copier.piece(at, END), END);
  }

  #writeUrl(to: number): number {
    const copier = this.#copier;
    const source = this.#source;
    const start = this.#methodEnd + 1;
    const end = this.#urlEnd;
    let at = copier.range(copier.piece(to, URL), start, end);
    if (source[start] === SLASH) {
      let mark = start;
      while (mark < end && source[mark] !== QUESTION) mark += 1;
      at = copier.range(copier.piece(at, PATH), start, mark);
      if (mark < end) at = copier.range(copier.piece(at, QUERY), mark + 1, end);
    }
    return copier.piece(at, END_TEXT);
  }

  /** The next blank from `start` on before `end`, or -1. */
  #blank(start: number, end: number): number {
    const source = this.#source;
    for (let at = start; at < end; at += 1) if (source[at] === SPACE) return at;
    return -1;
  }
}

/** The blank behind the host; -1 where there is none, or a colon: that may be an IPv6 address. */
function hostEnd(source: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = source[at];
    if (byte === SPACE) return at;
    if (byte === COLON) return -1;
  }
  return -1;
}

/** Whether a field says something: it is neither empty nor `-`. */
function isGiven(source: Buffer, start: number, end: number): boolean {
  return end > start && !(end === start + 1 && source[start] === DASH);
}

/** Where a number or a `-` ends; -1 where there is neither. */
function numberEnd(source: Buffer, start: number): number {
  if (source[start] !== DASH) return integerEnd(source, start);
  return isDigit(source[start + 1] as number) ? -1 : start + 1;
}

/** `HTTP/` and one or two single digits with a point between them. */
function isVersion(source: Buffer, start: number, end: number): boolean {
  if (source[start] !== 0x48 || source[start + 1] !== 0x54 || source[start + 2] !== 0x54 || source[start + 3] !== 0x50)
    return false;
  if (source[start + 4] !== SLASH || !isDigit(source[start + 5] as number)) return false;
  return end === start + 6 || (end === start + 8 && source[start + 6] === DOT && isDigit(source[start + 7] as number));
}

/** Whether the host, which has no colon, is an IP address. */
function isIPv4(source: Buffer, start: number, end: number): boolean {
  let octets = 1;
  let digits = 0;
  let octet = 0;
  for (let at = start; at < end; at += 1) {
    const byte = source[at] as number;
    if (byte === DOT) {
      if (digits === 0) return false;
      octets += 1;
      digits = 0;
      octet = 0;
    } else {
      if (!isDigit(byte)) return false;
      digits += 1;
      octet = octet * 10 + byte - ZERO;
      if (octet > 255 || digits > 3) return false;
    }
  }
  return octets === 4 && digits > 0;
}
