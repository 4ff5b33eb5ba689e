import { RecordBatch } from '../../record/batch.ts';
import { toIso } from '../../record/iso-time.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { StreamRecord } from '../../record/record.ts';
import { groupKey } from '../../sdk/group-key.ts';
import type { OperatorContext } from '../../sdk/operator.ts';
import type { GroupId } from '../group-by.ts';
import { ResultHeaders } from '../result-headers.ts';
import type { Entry } from './entry.ts';
import type { WindowSettings } from './settings.ts';

/** Whether a result came before its window's end, with it, or after it. */
export type Pane = 'early' | 'on_time' | 'late';

/** What a result is of. All in ms since 1970. */
export interface ResultWindow {
  readonly start: number;
  readonly end: number;
  /** The event time of its results: the last moment in it. */
  readonly time: number;
}

/** Makes results of what was gathered, and emits them. */
export class Results {
  readonly #settings: WindowSettings;
  readonly #emit: OperatorContext['emit'];
  readonly #headers: ResultHeaders;
  readonly #idByEnd: boolean;
  readonly #record = new StreamRecord();
  // Windows close as a whole: the texts of one serve many results.
  #window: ResultWindow | undefined;
  #timeText = '';
  #startText = '';
  #endText = '';

  /** `idByEnd`: whether a result's id depends on the end of its window, beside its start. That of a session moves while it grows. */
  constructor(settings: WindowSettings, context: OperatorContext, idByEnd: boolean) {
    this.#settings = settings;
    this.#emit = context.emit;
    this.#headers = new ResultHeaders(context);
    this.#idByEnd = idByEnd;
  }

  /**
   * Emits the next result of an entry, or a tombstone where its last one stands and what it has become meets the condition no
   * longer. Returns whether a result stands now. The number of the result is the entry's revision + 1. The entry is left as it is.
   */
  next(window: ResultWindow, group: GroupId, entry: Entry, pane: Pane): boolean {
    const values = this.#settings.groupBy.valuesOf(group);
    const revision = entry.revision + 1;
    const value = this.#valueOf(window, values, entry, { pane, revision });
    if (value !== undefined || entry.stands) this.#send(window, group, { values, value: value ?? null, revision });
    return value !== undefined;
  }

  /** Emits the next result of an entry, and notes that in it. */
  emit(window: ResultWindow, group: GroupId, entry: Entry, pane: Pane): void {
    const stands = this.next(window, group, entry, pane);
    if (stands || entry.stands) entry.revision += 1;
    entry.stands = stands;
    entry.dirty = false;
  }

  /**
   * Emits what an open entry would be. It has the number of the last result, for no state says that it was there: the next one
   * must replace it.
   */
  preview(window: ResultWindow, group: GroupId, entry: Entry): void {
    const values = this.#settings.groupBy.valuesOf(group);
    const { revision } = entry;
    const value = this.#valueOf(window, values, entry, { pane: 'early', revision });
    if (value !== undefined) this.#send(window, group, { values, value, revision });
  }

  /** Emits a tombstone for the results of a window that is no more. */
  withdraw(window: ResultWindow, group: GroupId, revision: number): void {
    this.#send(window, group, { values: this.#settings.groupBy.valuesOf(group), value: null, revision });
  }

  #valueOf(
    window: ResultWindow,
    values: readonly JsonValue[],
    { accumulators }: Entry,
    { pane, revision }: { pane: Pane; revision: number },
  ): JsonObject | undefined {
    if (window !== this.#window) this.#describe(window);
    const result: JsonObject = { '@timestamp': this.#timeText };
    this.#settings.groupBy.setFields(result, values);
    result['window'] = { start: this.#startText, end: this.#endText };
    this.#settings.aggregation.results(accumulators, result);
    result['pane'] = pane;
    result['revision'] = revision;
    const { having } = this.#settings;
    if (having === undefined) return result;
    this.#record.moveTo(RecordBatch.empty, 0, result);
    return having(this.#record) === true ? result : undefined;
  }

  #describe(window: ResultWindow): void {
    this.#window = window;
    this.#timeText = toIso(window.time);
    this.#startText = toIso(window.start);
    this.#endText = toIso(window.end);
  }

  #send(
    window: ResultWindow,
    group: GroupId,
    { values, value, revision }: { values: readonly JsonValue[]; value: JsonObject | null; revision: number },
  ): void {
    const { start, end, time } = window;
    const what = `${this.#settings.groupBy.textOf(group)}${start}${this.#idByEnd ? `/${end}` : ''}`;
    this.#emit({ value, key: groupKey(values), time, headers: this.#headers.pack(this.#headers.idOf(what), revision) });
  }
}
