import { BatchBuilder, type Emit, isJsonObject, type Source, type SourceContext } from 'millrace/sdk';
import type { GeneratorConfig } from './config.ts';
import { type MadeRecords, madeRecords } from './made-records.ts';

/** Records of one emit. */
const BATCH_RECORDS = 2000;
/** Emits made before the oldest has committed. */
const MAX_IN_FLIGHT = 8;
/** How often records are made where there is a rate, in ms. */
const TICK_MS = 100;
/** The key of its one position. */
const POSITION = 'generator';

/** Makes up records, numbered from 0, the same for the same seed. Its position is how many there were. */
export class GeneratorSource implements Source {
  readonly #config: GeneratorConfig;

  constructor(config: GeneratorConfig) {
    this.#config = config;
  }

  async run(emit: Emit, context: SourceContext): Promise<void> {
    const { rate, seed } = this.#config;
    const { clock, signal } = context;
    const records = madeRecords(this.#config, context.host);
    const run = new Run({ records, seed, emit, context });
    const first = run.next;
    const begin = clock.monotonic();
    try {
      while (!signal.aborted && run.next < records.size) {
        const due =
          rate === undefined ? BATCH_RECORDS : first + Math.floor(((clock.monotonic() - begin) * rate) / 1000) - run.next;
        if (due > 0) await run.emit(Math.min(due, records.size - run.next, BATCH_RECORDS));
        // The signal ends the sleep by a rejection, and the loop by its condition.
        else await clock.sleep(TICK_MS, signal).catch(() => undefined);
      }
    } finally {
      await run.drained();
    }
  }

  /** Holds nothing between runs. */
  async close(): Promise<void> {}
}

class Run {
  /** Number of the record to make next. */
  next: number;
  readonly #records: MadeRecords;
  readonly #emit: Emit;
  readonly #context: SourceContext;
  readonly #builder = new BatchBuilder(['']);
  readonly #inFlight: Promise<void>[] = [];
  /** What tells its positions from those of other records. */
  readonly #of: { readonly seed: number; readonly counts?: string };
  #failure: { readonly error: unknown } | undefined;

  constructor({ records, seed, emit, context }: { records: MadeRecords; seed: number; emit: Emit; context: SourceContext }) {
    const { counts } = records;
    this.#records = records;
    this.#emit = emit;
    this.#context = context;
    this.#of = { seed, ...(counts === undefined ? {} : { counts }) };
    const position = context.positions.get(POSITION);
    const own = isJsonObject(position) && position['seed'] === seed && position['counts'] === counts;
    const stored = own ? position['next'] : undefined;
    this.next = typeof stored === 'number' && Number.isSafeInteger(stored) && stored >= 0 ? stored : 0;
  }

  async emit(records: number): Promise<void> {
    const builder = this.#builder;
    builder.reset();
    const now = this.#context.clock.now();
    for (const end = this.next + records; this.next < end; this.next += 1) {
      builder.begin(0, -1, now);
      this.#records.write(this.next, builder);
    }
    const positions = { [POSITION]: { ...this.#of, next: this.next } };
    const settled = this.#emit(builder.batch(), { positions }).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#inFlight.push(settled);
    if (this.#inFlight.length >= MAX_IN_FLIGHT) await this.#inFlight.shift();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Settles when all that was emitted has committed; throws when something has not. */
  async drained(): Promise<void> {
    await Promise.all(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
