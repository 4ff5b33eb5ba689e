import { type Evaluate, millraceVersion, type RecordBatch, type SinkBatch, type SinkContext } from 'millrace/sdk';
import { ActionLine } from './action.ts';
import { ChosenBulkEncoder } from './chosen-request.ts';
import type { ElasticsearchConfig } from './config.ts';
import { choosesActions } from './document-options.ts';
import { EcsFields } from './ecs-fields.ts';
import { BulkEncoder, type BulkRequest, bodyBound } from './request.ts';

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

/** The encoder for the options: the plain one where records choose nothing but their index, for it is the fastest. */
export function encoderFor(config: ElasticsearchConfig, context: SinkContext): Encoder {
  const byRecord = config.index?.constant === undefined ? config.index?.evaluate : undefined;
  const chooses = choosesActions(config);
  if (!chooses && config.ecs.length === 0) return new PlainEncoder(byRecord);
  const { host, clock } = context;
  return new ChosenBulkEncoder({
    ...((chooses || byRecord !== undefined) && { actions: new ActionLine(config) }),
    ...(config.ecs.length > 0 && { ecs: new EcsFields(config.ecs, { host, clock, version: millraceVersion() }) }),
    upsert: config.upsert,
    tombstonesDelete: config.tombstones === 'delete',
  });
}
