import type { InputSide } from '../../sdk/operator.ts';
import type { StateUnit } from './state-unit.ts';

/** Where records go in: before the steps of a level, or at its operator, past them (the joined side of a join). */
export interface Entrance {
  readonly level: number;
  readonly pastSteps: boolean;
  readonly side: InputSide;
}

/** What a record of the input is, beside its bytes. One object serves many records. */
export interface Arrival {
  unit: StateUnit;
  entrance: Entrance;
  /** What its repartition says of it; undefined: its time is its own. */
  time: number | undefined;
  watermark: number;
}
