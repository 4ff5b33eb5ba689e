import type { BatchBuilder } from 'millrace/sdk';
import type { Event } from './multiline/event-assembler.ts';
import { type LogFile, recordHead } from './record-head.ts';
import type { TrackedFile } from './tracked-file.ts';

/** Writes events as JSON records into a batch, in the order of fields that the line encoder has. */
export class EventEncoder {
  readonly #host: string;
  readonly #identity: boolean;
  #head: { host: { name: string }; file: LogFile } | undefined;

  constructor(host: string, identity: boolean) {
    this.#host = host;
    this.#identity = identity;
  }

  /** Says which file the events that follow are of. */
  use(file: TrackedFile): void {
    this.#head = recordHead(this.#host, file, this.#identity);
  }

  /** Puts the event into the record begun last. */
  write(builder: BatchBuilder, { text, start, lines, truncated, fields }: Event): void {
    const flags = [...(lines > 1 ? ['multiline'] : []), ...(truncated ? ['truncated'] : [])];
    const log = { file: this.#head?.file, ...(flags.length > 0 ? { flags } : {}), offset: start };
    builder.value(JSON.stringify({ host: this.#head?.host, log, ...fields, message: text }));
  }
}
