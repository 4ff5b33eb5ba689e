import type { JsonValue } from '../record/json.ts';
import type { Sink, SinkContext } from './sink.ts';
import type { Source } from './source.ts';

/** Where a connector works while a pipeline is tested: nothing outside may be reached. */
export interface RehearsalPlace {
  /** An empty directory of the test's own, removed after it. */
  readonly directory: string;
}

export interface SinkRehearsalContext extends SinkContext, RehearsalPlace {
  /** How the destination is to answer, request by request; what a reply looks like is the connector's own. Then it takes everything. */
  readonly replies: readonly JsonValue[];
}

/** A sink with a destination of the test's own in place of the real one. */
export interface SinkRehearsal {
  /** The real sink: what it sends is what is looked at. */
  readonly sink: Sink;
  /** What the destination has been sent so far, in its order: requests as a test would write them down. */
  delivered(): readonly JsonValue[];
}

/** What a test puts into an input of a source. */
export interface SourceInput {
  /** Which input, such as the path of a file; absent: the first that the options name. */
  readonly path?: string;
  readonly bytes: Uint8Array;
}

/** A source with inputs of the test's own in place of the real ones. */
export interface SourceRehearsal {
  readonly source: Source;
  /** Puts bytes into an input, behind what is there already. Throws with the reason where the options name no such input. */
  feed(input: SourceInput): void;
  /** A text in records that is to be left out of them: where the test's own inputs lie, which is nowhere in the real world. */
  readonly hides?: string;
}
