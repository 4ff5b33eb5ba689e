import type { JsonObject } from '../../src/record/json.ts';
import { window } from '../../src/steps/window.ts';
import { type Emitted, OperatorDriver, operatorOf } from '../support/operator-driver.ts';

/** A case of ../shared/data/windows/cases.json. */
export interface WindowCase {
  readonly id: string;
  readonly kind: string;
  readonly config: {
    readonly window: CaseWindow;
    readonly aggregate?: string;
    readonly watermark?: string;
    readonly allowed_lateness_ms?: number;
    readonly grace_ms?: number;
    readonly emit?: string;
    readonly session_end?: string;
  };
  readonly description: string;
  readonly dropped_late?: number;
  readonly steps: readonly CaseStep[];
}

interface CaseWindow {
  readonly type: string;
  readonly size_ms?: number;
  readonly slide_ms?: number;
  readonly offset_ms?: number;
  readonly gap_ms?: number;
  readonly gap_boundary?: string;
}

export interface CaseEvent {
  readonly key: string;
  readonly value: number | string;
  readonly ts: number;
}

export interface CaseResult {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly value: number | string;
}

export interface CaseStep {
  readonly event?: CaseEvent;
  readonly watermark?: number;
  readonly restart_from_snapshot?: boolean;
  readonly expect?: readonly CaseResult[];
  readonly expect_late?: readonly CaseEvent[];
  readonly timestamps?: readonly number[];
  readonly expect_windows?: readonly { readonly start: number; readonly end: number; readonly members: readonly number[] }[];
}

/** When micro-batches end, beside where a case says so. Results must not depend on it. */
export type Cuts = 'as the case says' | 'after every step' | 'with a restart after every step';
export const CUTS: readonly Cuts[] = ['as the case says', 'after every step', 'with a restart after every step'];

/** Where late records of a case go, so that they are seen. */
export const LATE_TOPIC = 'stragglers';

/** The options of the step for a case. */
export function optionsOf({ config }: WindowCase): object {
  const { aggregate = 'members', allowed_lateness_ms: keep = 0, emit } = config;
  return {
    ...kindOf(config.window),
    by: ['k'],
    compute: { value: computed(aggregate) },
    keep: `${keep}ms`,
    emit: emit === 'every_update' ? 'update' : 'close',
    late: LATE_TOPIC,
  };
}

function kindOf(given: CaseWindow): object {
  const { type, size_ms: size, slide_ms: every, offset_ms: offset = 0, gap_ms: gap = 0 } = given;
  if (type === 'tumbling') return { tumbling: { size: `${size}ms`, offset: `${offset}ms` } };
  if (type === 'hopping') return { hopping: { size: `${size}ms`, every: `${every}ms`, offset: `${offset}ms` } };
  if (type === 'sliding') return { sliding: `${size}ms` };
  // Dialect "session gap boundary": where events exactly a gap apart are two sessions, the gap is 1 ms less in ours.
  if (type === 'session') return { session: `${exclusiveGap(given) ? gap - 1 : gap}ms` };
  throw new Error(`no windows of the type ${type}`);
}

export function exclusiveGap({ gap_boundary: boundary }: CaseWindow): boolean {
  return boundary === 'exclusive';
}

function computed(aggregate: string): string {
  if (aggregate === 'sum') return 'sum(v)';
  if (aggregate === 'count') return 'count()';
  // What a concatenation adds, and the members of a window.
  if (aggregate === 'members' || aggregate.startsWith('concat')) return 'collect(v, 1000)';
  throw new Error(`no aggregate ${aggregate}`);
}

/** The stream time of a case that has no explicit watermarks: `wait` is what Kafka Streams calls grace, ours then closes at the same time. */
export function waitOf({ config: { watermark, grace_ms: grace = 0 } }: WindowCase): { wait?: number } {
  return watermark === 'max_event_time' ? { wait: grace } : {};
}

/** A case at work on the real operator. */
export class RunningCase {
  readonly driver: OperatorDriver;
  readonly late: CaseEvent[] = [];
  readonly #cuts: Cuts;
  #seen = 0;

  constructor(of: WindowCase, cuts: Cuts) {
    this.driver = new OperatorDriver(operatorOf(window, optionsOf(of)), waitOf(of));
    this.#cuts = cuts;
  }

  event({ key, value, ts }: CaseEvent): void {
    const outcome = this.driver.record({ k: key, v: value }, ts);
    if (outcome?.kind === 'routed') this.late.push({ key, value, ts });
  }

  /** The end of a step of the case. */
  endStep(): void {
    if (this.#cuts !== 'as the case says') this.driver.cut();
    if (this.#cuts === 'with a restart after every step') this.driver.restart();
  }

  /** The results since the last call. */
  results(): CaseResult[] {
    const results = this.driver.emitted.slice(this.#seen).map(resultOf);
    this.#seen = this.driver.emitted.length;
    return results;
  }
}

function resultOf({ value, key }: Emitted): CaseResult {
  const { start, end } = (value as JsonObject)['window'] as { start: string; end: string };
  return { key: String(key), start: Date.parse(start), end: Date.parse(end), value: (value as JsonObject)['value'] as number };
}
