import { isErrorCode, isMillraceError, type MillraceError, reasonOf } from '../errors/index.ts';
import { describe, isNotJson, plainCopy } from '../record/json-copy.ts';
import type { StreamRecord } from '../record/record.ts';
import type { Rejected, StepDefinition, StepOutcome } from '../sdk/step.ts';
import type { Plugin } from './plugin.ts';

/** A step of a plugin that costs a record at most, whatever it does with it. */
export function containStep(definition: StepDefinition, plugin: Plugin): StepDefinition {
  return {
    ...definition,
    create(options, context) {
      const step = plugin.run(() => definition.create(options, context));
      const outcomes = new OutcomeCheck(definition, options, plugin);
      const checked = (record: StreamRecord) => outcomes.checked(record, step(record));
      return (record) => {
        try {
          return plugin.run(checked, record);
        } catch (error) {
          return outcomes.refusal(error);
        }
      };
    },
  };
}

/** Looks at what a step of a plugin says of a record, and at what it has made of it. */
export class OutcomeCheck {
  readonly #plugin: Plugin;
  readonly #changesValue: boolean;
  readonly #topics: readonly string[];

  constructor(definition: StepDefinition, options: unknown, plugin: Plugin) {
    this.#plugin = plugin;
    this.#changesValue = definition.changesValue === true;
    this.#topics = definition.topics?.(options) ?? [];
  }

  /** The outcome, of which nothing is the plugin's any more. Throws where it is none. */
  checked(record: StreamRecord, outcome: StepOutcome | undefined): StepOutcome | undefined {
    if (outcome === undefined || outcome === null) {
      if (this.#changesValue) record.value = plainCopy(record.value);
      return undefined;
    }
    if (typeof outcome !== 'object') throw this.#wrong(outcome);
    switch (outcome.kind) {
      case 'dropped':
        return outcome;
      case 'rejected':
        return this.#rejected(outcome);
      case 'routed':
        if (this.#topics.includes(outcome.topic)) return outcome;
        throw this.#plugin.fault('PLUGIN_OUTPUT', { reason: `the step routes to a topic that its "topics" does not name` });
      case 'split':
        return { kind: 'split', values: Array.from(outcome.values, (value) => plainCopy(value)) };
      default:
        throw this.#wrong(outcome);
    }
  }

  /** What was thrown, as what becomes of the record. */
  refusal(error: unknown): StepOutcome {
    const { code, message } = faultOf(this.#plugin, error);
    return { kind: 'rejected', code, message };
  }

  /** A reason may be anything, and of any length. */
  #rejected({ code, message }: Rejected): Rejected {
    if (!isErrorCode(code)) throw this.#wrong({});
    return { kind: 'rejected', code, message: reasonOf(message) };
  }

  #wrong(outcome: unknown): MillraceError {
    const reason = `the step returns ${describe(outcome)}; return undefined, DROPPED, reject(...) or another outcome`;
    return this.#plugin.fault('PLUGIN_OUTPUT', { reason });
  }
}

/** What was thrown at work of a plugin, or found wrong with what it gives, as an error that names it. */
export function faultOf(plugin: Plugin, error: unknown): MillraceError {
  if (isNotJson(error)) return plugin.fault('PLUGIN_OUTPUT', { reason: `the value is no JSON: ${error.message}` });
  return isOwn(error, plugin) ? error : plugin.threw(error);
}

function isOwn(error: unknown, plugin: Plugin): error is MillraceError {
  return isMillraceError(error) && error.parameters['plugin'] === plugin.name;
}
