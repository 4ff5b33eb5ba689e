import { type Evaluate, millraceVersion, type RecordBatch, type SinkBatch, type SinkContext } from 'millrace/sdk';
import { ActionLine } from './action.ts';
import { ChosenBulkEncoder } from './chosen-request.ts';
import type { ElasticsearchConfig } from './config.ts';
import { choosesActions } from './document-options.ts';
import { EcsFields } from './ecs-fields.ts';
import { BulkEncoder, type BulkRequest, bodyBound } from './request.ts';
import { choosesByResult, holdsResults } from './results.ts';

/** Writes batches as bodies of `_bulk` requests. */
export interface Encoder {
  /** How much memory the body of a batch is likely to need. */
  bound(records: RecordBatch): number;
  /** Writes the body into `memory`, or into more where that is too little. */
  encode(batch: SinkBatch, memory: Buffer): BulkRequest;
}

class PlainEncoder extends BulkEncoder implements Encoder {
  readonly #indexPerRecord: boolean;

  constructor(indexOf: Evaluate | undefined) {
    super(indexOf);
    this.#indexPerRecord = indexOf !== undefined;
  }

  bound(records: RecordBatch): number {
    return bodyBound(records, this.#indexPerRecord);
  }
}

/** Leaves batches in which there are results of windows and joins to an encoder that knows them. */
class ResultAwareEncoder implements Encoder {
  readonly #others: Encoder;
  readonly #results: Encoder;

  constructor(others: Encoder, results: Encoder) {
    this.#others = others;
    this.#results = results;
  }

  bound(records: RecordBatch): number {
    return this.#for(records).bound(records);
  }

  encode(batch: SinkBatch, memory: Buffer): BulkRequest {
    return this.#for(batch.records).encode(batch, memory);
  }

  #for(records: RecordBatch): Encoder {
    return holdsResults(records) ? this.#results : this.#others;
  }
}

/** The encoder for the options: the plain one where records choose nothing but their index, for it is the fastest. */
export function encoderFor(config: ElasticsearchConfig, context: SinkContext): Encoder {
  const byRecord = config.index?.constant === undefined ? config.index?.evaluate : undefined;
  const knowing = (chooses: boolean): Encoder => chosenEncoder(config, context, chooses);
  if (choosesActions(config)) return knowing(true);
  const others = config.ecs.length === 0 ? new PlainEncoder(byRecord) : knowing(byRecord !== undefined);
  return choosesByResult(config) ? new ResultAwareEncoder(others, knowing(true)) : others;
}

/** `chooses`: whether more is chosen by record than what is always there. */
function chosenEncoder(config: ElasticsearchConfig, { host, clock }: SinkContext, chooses: boolean): Encoder {
  return new ChosenBulkEncoder({
    ...(chooses && { actions: new ActionLine(config) }),
    ...(config.ecs.length > 0 && { ecs: new EcsFields(config.ecs, { host, clock, version: millraceVersion() }) }),
    upsert: config.upsert,
    tombstonesDelete: config.tombstones === 'delete',
    withdrawalsDelete: choosesByResult(config),
  });
}
