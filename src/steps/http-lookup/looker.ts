import type { JsonValue } from '../../record/json.ts';
import { setField } from '../../record/path.ts';
import type { StreamRecord } from '../../record/record.ts';
import type { AsyncRecordStep } from '../../sdk/async-step.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Evaluate } from '../../sdk/option.ts';
import { type Rejected, rejected, type StepOutcome } from '../../sdk/step.ts';
import type { Answer } from './answer.ts';
import { AnswerCache } from './answer-cache.ts';
import { ask, type Question } from './ask.ts';
import type { HttpLookupOptions } from './options.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const MS_PER_S = 1000;

/** A question that some records of a micro-batch have in common. */
interface Asked {
  readonly key: string;
  readonly question: Question;
  readonly rows: number[];
}

/** Looks up what a server has for each record: one request for each question, a few at once, and none for what is known. */
export class HttpLooker implements AsyncRecordStep {
  readonly #options: HttpLookupOptions;
  readonly #clock: Clock;
  readonly #cache: AnswerCache;
  readonly #url: Evaluate;
  readonly #body: Evaluate | undefined;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: HttpLookupOptions, clock: Clock) {
    const { size, max_size: maxCharacters, ttl: ttlMs, negative_ttl: negativeTtlMs } = options.cache;
    this.#options = options;
    this.#clock = clock;
    this.#cache = new AnswerCache({ size, maxCharacters, ttlMs, negativeTtlMs }, clock);
    this.#url = options.url.evaluate;
    this.#body = options.body?.evaluate;
    this.#headers = headersOf(options);
  }

  async process(records: readonly StreamRecord[], signal: AbortSignal): Promise<readonly (StepOutcome | undefined)[]> {
    const outcomes = new Array<StepOutcome | undefined>(records.length).fill(undefined);
    const open = new Map<string, Asked>();
    for (const [row, record] of records.entries()) {
      const question = this.#questionOf(record);
      if (question === undefined) {
        outcomes[row] = this.#settle(record, this.#options.url.text, { kind: 'missing', reason: 'a value for it is missing' });
        continue;
      }
      const key = question.body === undefined ? question.url : `${question.url}\n${question.body}`;
      const known = this.#cache.get(key);
      if (known !== undefined) outcomes[row] = this.#settle(record, question.url, known);
      else if (open.has(key)) open.get(key)?.rows.push(row);
      else open.set(key, { key, question, rows: [row] });
    }
    await this.#answerAll([...open.values()], signal, ({ question, rows }, answer) => {
      for (const row of rows) outcomes[row] = this.#settle(records[row] as StreamRecord, question.url, answer);
    });
    return outcomes;
  }

  /** Answers all questions, a few at once. When it settles nothing is under way any more. */
  async #answerAll(asked: readonly Asked[], signal: AbortSignal, settle: (asked: Asked, answer: Answer) => void): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      for (let one = asked[next]; one !== undefined; one = asked[next]) {
        next += 1;
        const answer = await this.#answer(one.question, signal);
        if (answer.kind === 'found' || answer.kind === 'missing') this.#cache.set(one.key, answer);
        settle(one, answer);
      }
    };
    const workers = Array.from({ length: Math.min(this.#options.concurrency, asked.length) }, work);
    const ended = await Promise.allSettled(workers);
    const broken = ended.find((each) => each.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
  }

  /** Asks until there is an answer, or it is no use. */
  async #answer(question: Question, signal: AbortSignal): Promise<Answer> {
    const { timeout, retry_for: retryFor } = this.#options;
    const begun = this.#clock.monotonic();
    for (let tries = 1; ; tries += 1) {
      signal.throwIfAborted();
      const answer = await ask(question, timeout, this.#clock, signal);
      if (answer.kind !== 'failed') return answer;
      const wait = Math.max(waitAfter(tries), answer.retryAfterMs ?? 0);
      if (this.#clock.monotonic() - begun + wait > retryFor) {
        const times = tries === 1 ? 'once' : `${tries} times`;
        return { kind: 'refused', reason: `${answer.reason}; tried ${times} in ${retryFor / MS_PER_S} s ("retry_for")` };
      }
      await this.#clock.sleep(wait, signal);
    }
  }

  #questionOf(record: StreamRecord): Question | undefined {
    const { method } = this.#options;
    const url = this.#url(record);
    if (typeof url !== 'string') return undefined;
    if (this.#body === undefined) return { url, method, headers: this.#headers };
    const body = this.#body(record);
    return body === undefined ? undefined : { url, method, headers: this.#headers, body: bodyText(body) };
  }

  #settle(record: StreamRecord, url: string, answer: Answer): Rejected | undefined {
    if (answer.kind === 'found') {
      setField(record.value, this.#options.into, JSON.parse(answer.text) as JsonValue);
      return undefined;
    }
    if (answer.kind === 'missing' && this.#options.on_miss === 'skip') return undefined;
    const code = answer.kind === 'missing' ? 'HTTP_LOOKUP_MISSED' : 'HTTP_LOOKUP_FAILED';
    return rejected(code, { url: withoutQuery(url), reason: answer.reason });
  }
}

/** Waits double, with jitter, so that many clients do not come back in step. */
function waitAfter(tries: number): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 10));
  return whole / 2 + (whole / 2) * Math.random();
}

function headersOf({ headers, body }: HttpLookupOptions): Record<string, string> {
  const all = new Headers(headers);
  if (!all.has('accept')) all.set('accept', 'application/json');
  if (body !== undefined && !all.has('content-type')) all.set('content-type', 'application/json');
  return Object.fromEntries(all);
}

function bodyText(body: JsonValue): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** A query may hold a key of an account, which a dead letter should not show. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '');
}
