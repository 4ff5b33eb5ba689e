import {
  type CompiledOption,
  type DeliveryError,
  type Evaluate,
  errorMessage,
  type JsonValue,
  type StreamRecord,
} from 'millrace/sdk';
import type { ElasticsearchConfig } from './config.ts';
import { documentIdFault, textOf } from './document-id.ts';
import { renderedIndexNameFault } from './index-name.ts';
import { badIndex, noIndex } from './request.ts';
import { choosesByResult, type Result, resultOf } from './results.ts';

export const OPERATIONS = ['create', 'index', 'update', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Names and texts of one batch that are remembered; a template that gives another for every record is not. */
const MOST_NAMES = 1_000;

/** Versions are longs, and 0 is the lowest that counts. */
const HIGHEST_VERSION = 9_223_372_036_854_775_807n;

/** The part of the options by which each record chooses what is done with it. */
type Choices = Pick<
  ElasticsearchConfig,
  'index' | 'id' | 'operation' | 'version' | 'version_type' | 'pipeline' | 'routing' | 'retry_on_conflict' | 'data_stream'
>;

/** Writes the action line of each record where more than the index is chosen by record. */
export class ActionLine {
  /** What is done with the record whose line was made last. */
  operation: Operation = 'create';
  readonly #index: Evaluate | undefined;
  readonly #id: Evaluate | undefined;
  readonly #operation: Evaluate | undefined;
  readonly #version: Evaluate | undefined;
  readonly #pipeline: Evaluate | undefined;
  readonly #routing: Evaluate | undefined;
  readonly #versionType: string;
  readonly #onUpdate: string;
  readonly #creates: boolean;
  readonly #byResult: boolean;
  readonly #indexes = new Map<string, string>();

  constructor(options: Choices) {
    // What is the same for all records stands in the address of the request.
    this.#index = byRecord(options.index);
    this.#id = options.id?.evaluate;
    this.#operation = options.operation?.evaluate;
    this.#version = options.version?.evaluate;
    this.#pipeline = byRecord(options.pipeline);
    this.#routing = byRecord(options.routing);
    this.#versionType = `,"version_type":"${options.version_type ?? 'external'}"`;
    this.#onUpdate = `,"retry_on_conflict":${options.retry_on_conflict}`;
    this.#creates = options.data_stream !== undefined;
    this.#byResult = choosesByResult(options);
  }

  /**
   * The line for a record, or why there is none. `derivedId` where the user chooses no ids; `deletes`: the record is a
   * tombstone that deletes, whatever the operation is.
   */
  of(record: StreamRecord, derivedId: string, deletes: boolean): string | DeliveryError {
    const result = this.#byResult ? resultOf(record) : undefined;
    const operation = deletes ? 'delete' : result === undefined ? this.#chooseOperation(record) : 'index';
    if (typeof operation !== 'string') return operation;
    this.operation = operation;
    const id = this.#id === undefined ? (result?.id ?? derivedId) : this.#id(record);
    const fault = documentIdFault(id);
    if (fault !== undefined) return { code: 'ES_DOCUMENT_ID', message: errorMessage('ES_DOCUMENT_ID', { reason: fault }) };
    const index = this.#index === undefined ? '' : this.#indexPart(this.#index(record));
    if (typeof index !== 'string') return index;
    const version = this.#version === undefined ? this.#versionOfResult(result) : this.#versionPart(this.#version(record));
    if (typeof version !== 'string') return version;
    const start = `{"${operation}":{${index}"_id":${JSON.stringify(String(id))}${version}`;
    return `${start}${this.#more(record)}}}\n`;
  }

  #chooseOperation(record: StreamRecord): Operation | DeliveryError {
    if (this.#operation === undefined) return 'create';
    const given = this.#operation(record);
    const operation = OPERATIONS.find((one) => one === given);
    if (operation === undefined) return badAction(`the operation is ${shown(given)}; it must be one of ${OPERATIONS.join(', ')}`);
    if (operation !== 'create' && this.#creates) return badAction(`a data stream takes only create, not ${operation}`);
    if (this.#id === undefined && (operation === 'update' || operation === 'delete')) {
      return badAction(`${operation} needs the id of a document; write id beside operation`);
    }
    return operation;
  }

  #indexPart(given: JsonValue | undefined): string | DeliveryError {
    if (typeof given !== 'string' && typeof given !== 'number') return noIndex(given);
    const name = String(given);
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const fault = renderedIndexNameFault(name);
    if (fault !== undefined) return badIndex(name, fault);
    const part = `"_index":${JSON.stringify(name)},`;
    if (this.#indexes.size < MOST_NAMES) this.#indexes.set(name, part);
    return part;
  }

  #versionPart(given: JsonValue | undefined): string | DeliveryError {
    if (this.operation === 'create' || this.operation === 'update') {
      return badAction(`${this.operation} takes no version; only index and delete do`);
    }
    const version = versionOf(given);
    if (version !== undefined) return `,"version":${version}${this.#versionType}`;
    return badAction(`the version is ${shown(given)}; it must be a whole number from 0 on, below 2^63`);
  }

  /** An equal version replaces what is there: what a bounded run says early of a window has the version of its last result. */
  #versionOfResult(result: Result | undefined): string {
    const version = result?.version === undefined ? undefined : versionOf(result.version);
    return version === undefined ? '' : `,"version":${version},"version_type":"external_gte"`;
  }

  #more(record: StreamRecord): string {
    const routing = this.#routing === undefined ? undefined : textOf(this.#routing(record));
    const route = routing === undefined || routing === '' ? '' : `,"routing":${JSON.stringify(routing)}`;
    if (this.operation === 'update') return `${route}${this.#onUpdate}`;
    const pipeline = this.#pipeline === undefined || this.operation === 'delete' ? undefined : textOf(this.#pipeline(record));
    return pipeline === undefined || pipeline === '' ? route : `${route},"pipeline":${JSON.stringify(pipeline)}`;
  }
}

function byRecord(option: CompiledOption | undefined): Evaluate | undefined {
  return option?.constant === undefined ? option?.evaluate : undefined;
}

/** A version as Elasticsearch reads it. As text it may be larger than a number of JavaScript can say exactly. */
function versionOf(given: JsonValue | undefined): string | undefined {
  if (typeof given === 'number') return Number.isSafeInteger(given) && given >= 0 ? String(given) : undefined;
  if (typeof given !== 'string' || !/^\d{1,19}$/.test(given)) return undefined;
  const version = BigInt(given);
  return version <= HIGHEST_VERSION ? String(version) : undefined;
}

function shown(given: JsonValue | undefined): string {
  return given === undefined ? 'missing' : JSON.stringify(given).slice(0, 80);
}

function badAction(reason: string): DeliveryError {
  return { code: 'ES_ACTION', message: errorMessage('ES_ACTION', { reason }) };
}
