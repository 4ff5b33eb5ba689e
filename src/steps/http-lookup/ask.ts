import { reasonOf } from '../../errors/index.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { Answer } from './answer.ts';

/** The largest answer, decompressed: what enriches a record is smaller by far. */
export const MOST_ANSWER_BYTES = 1_000_000;

const NOTHING_THERE: ReadonlySet<number> = new Set([204, 404, 410]);
/** Too slow, too early, too much: the client is told to come again. Beside these all 5xx. */
const COME_AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);
const MS_PER_S = 1000;

/** A question to a server. */
export interface Question {
  readonly url: string;
  readonly method: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Asks once. Rejects only where `signal` is aborted. */
export async function ask(question: Question, timeoutMs: number, clock: Clock, signal: AbortSignal): Promise<Answer> {
  const { url, ...request } = question;
  const tooLate = new AbortController();
  const done = new AbortController();
  const timer = clock.sleep(timeoutMs, done.signal).then(
    () => tooLate.abort(),
    () => {},
  );
  try {
    const either = AbortSignal.any([signal, tooLate.signal]);
    // Redirects are not followed: the headers, which may be secret, are for the host that is written in the pipeline.
    return await answerOf(await fetch(url, { ...request, redirect: 'manual', signal: either }));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (tooLate.signal.aborted) return { kind: 'failed', reason: `no answer in ${timeoutMs} ms ("timeout")` };
    return { kind: 'failed', reason: networkReason(error) };
  } finally {
    done.abort();
    await timer;
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const { status } = response;
  if (status >= 200 && status < 300 && status !== 204) return readAnswer(response);
  // A body that is left unread would keep the connection from being used again.
  await response.body?.cancel();
  if (NOTHING_THERE.has(status)) return { kind: 'missing', reason: `the server has nothing there (status ${status})` };
  if (status >= 500 || COME_AGAIN.has(status)) return { kind: 'failed', reason: `status ${status}`, ...retryAfterOf(response) };
  if (status >= 300 && status < 400) {
    return { kind: 'refused', reason: `status ${status}, a redirect, which is not followed; give the address that it leads to` };
  }
  return { kind: 'refused', reason: `status ${status}` };
}

async function readAnswer(response: Response): Promise<Answer> {
  const bytes = await readBounded(response);
  if (bytes === undefined) return { kind: 'refused', reason: `the answer is longer than ${MOST_ANSWER_BYTES} bytes` };
  if (bytes.length === 0) return { kind: 'missing', reason: `the server's answer is empty (status ${response.status})` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    JSON.parse(text);
    return { kind: 'found', text };
  } catch (error) {
    return { kind: 'refused', reason: `the answer is no JSON: ${reasonOf(error)}` };
  }
}

/** The body, or `undefined` where it is too long. */
async function readBounded({ body }: Response): Promise<Buffer | undefined> {
  if (body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > MOST_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function retryAfterOf(response: Response): { readonly retryAfterMs?: number } {
  const seconds = response.headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(seconds) ? { retryAfterMs: Number(seconds) * MS_PER_S } : {};
}

/** `fetch` says "fetch failed", and its cause why. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return reasonOf(error);
  const { code } = cause as { readonly code?: unknown };
  return cause.message === '' ? String(code ?? reasonOf(error)) : cause.message;
}
