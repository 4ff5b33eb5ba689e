import type { Pipeline } from '../../topology/types.ts';
import type { RecordEvent, StepEvent, Tracer } from './step-event.ts';

/** What tests have shown of a step. */
export interface StepCoverage {
  /** `streams.parse.parse-1` */
  readonly name: string;
  readonly step: string;
  /** Records that came to it. */
  seen: number;
  /** Of these, those whose value it changed, and those that did not simply go on. */
  changed: number;
  dropped: number;
  rejected: number;
  routed: number;
  /** Records that it made. */
  made: number;
}

/** Counts what steps do, over all tests of a pipeline. */
export class Coverage {
  readonly #steps = new Map<string, StepCoverage>();
  #events: StepEvent[] = [];

  constructor({ sources, streams, sinks }: Pipeline) {
    for (const node of [...sources, ...streams, ...sinks]) {
      for (const { id, definition } of node.steps) {
        const name = `${node.kind}s.${node.name}.${id}`;
        this.#steps.set(name, { name, step: definition.kind, seen: 0, changed: 0, dropped: 0, rejected: 0, routed: 0, made: 0 });
      }
    }
  }

  /** Takes the events of a test. They are counted when they are asked for: what a step says of a record comes after its event. */
  readonly tracer: Tracer = (event) => {
    this.#events.push(event);
  };

  get steps(): readonly StepCoverage[] {
    for (const event of this.#events) this.#count(event);
    this.#events = [];
    return [...this.#steps.values()];
  }

  #count(event: StepEvent): void {
    const { kind, node, id } = event.place;
    const step = this.#steps.get(`${kind}s.${node}.${id}`);
    if (step === undefined) return;
    if (event.type === 'emitted') {
      step.made += 1;
      return;
    }
    step.seen += 1;
    if (event.outcome === 'dropped' || event.outcome === 'rejected' || event.outcome === 'routed') step[event.outcome] += 1;
    if (event.outcome === 'split') step.made += event.parts?.length ?? 0;
    if (isChanged(event)) step.changed += 1;
  }
}

function isChanged({ before, after }: RecordEvent): boolean {
  return after !== undefined && JSON.stringify(before) !== JSON.stringify(after);
}
