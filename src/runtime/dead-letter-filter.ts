import { parseOrigin } from './dead-letter.ts';

/** Why a dead letter is one, and where it came from: all but its content. */
export interface DeadLetterFacts {
  readonly offset: number;
  readonly component: string;
  readonly step: string | undefined;
  readonly code: string;
  readonly message: string;
  /** When it was given up, as ISO 8601. */
  readonly time: string;
  readonly origin: string | undefined;
  /** Which part of the record it is, where a step has split it. */
  readonly part: string | undefined;
  /** Behind which step with state it was made, and goes on. */
  readonly resume: string | undefined;
}

/** Which dead letters are meant: those to which all of it applies. */
export interface DeadLetterFilter {
  readonly component?: string;
  readonly code?: string;
  readonly step?: string;
  /** The topic that the record first came from. */
  readonly topic?: string;
  /** Given up at this time or later, and before that one, in ms since 1970. One without a time is in no span. */
  readonly since?: number;
  readonly until?: number;
}

export function matches(letter: DeadLetterFacts, filter: DeadLetterFilter): boolean {
  const { component, code, step, topic } = filter;
  return (
    (component === undefined || component === letter.component) &&
    (code === undefined || code === letter.code) &&
    (step === undefined || step === letter.step) &&
    (topic === undefined || topic === topicOf(letter)) &&
    inSpan(letter, filter)
  );
}

function topicOf({ origin }: DeadLetterFacts): string | undefined {
  return origin === undefined ? undefined : parseOrigin(origin)?.topic;
}

function inSpan({ time }: DeadLetterFacts, { since, until }: DeadLetterFilter): boolean {
  if (since === undefined && until === undefined) return true;
  const at = Date.parse(time);
  return at >= (since ?? Number.NEGATIVE_INFINITY) && at < (until ?? Number.POSITIVE_INFINITY);
}
