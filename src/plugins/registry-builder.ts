import type { PluginFunction, PluginProblem, Registry } from '../config/load-context.ts';
import { sinkSchema, sourceSchema, stepSchema } from '../config/pipeline-schema.ts';
import type { ErrorCode, ErrorParameters } from '../errors/index.ts';
import { defaultScope } from '../expression/index.ts';
import { isAsync } from '../sdk/async-step.ts';
import { definitionKindOf, ofPlugin } from '../sdk/definition.ts';
import type { FunctionDefinition } from '../sdk/function.ts';
import type { ParserDefinition } from '../sdk/parser.ts';
import { isProcessor } from '../sdk/processor.ts';
import type { SinkDefinition } from '../sdk/sink.ts';
import type { SourceDefinition } from '../sdk/source.ts';
import type { StepDefinition } from '../sdk/step.ts';
import { type Formats, formats } from '../steps/parse/formats.ts';
import { parseWith } from '../steps/parse.ts';
import { builtInAggregates } from '../stream/aggregate/functions.ts';
import { containAsyncStep } from './contain-async-step.ts';
import { containSink, containSource } from './contain-connector.ts';
import { containFunction } from './contain-function.ts';
import { containParser } from './contain-parser.ts';
import { containProcessor } from './contain-processor.ts';
import { containStep } from './contain-step.ts';
import type { Plugin } from './plugin.ts';

/** Who has a name, as a part of a sentence. */
const BUILT_IN = 'there is a built-in one of that name';

type Report = (code: ErrorCode, parameters: ErrorParameters) => void;

/** A registry grown by what plugins define. Whatever they define is contained: see `contain-*.ts`. */
export class RegistryBuilder {
  readonly #base: Registry;
  readonly #steps: Map<string, StepDefinition>;
  readonly #sources: Map<string, SourceDefinition>;
  readonly #sinks: Map<string, SinkDefinition>;
  readonly #functions = new Map<string, PluginFunction>();
  readonly #formats = new Map<string, Formats[string]>();
  /** Which plugin has defined what: `step bot-score`. */
  readonly #owners = new Map<string, string>();

  constructor(base: Registry) {
    this.#base = base;
    this.#steps = new Map(base.steps);
    this.#sources = new Map(base.sources);
    this.#sinks = new Map(base.sinks);
  }

  /** Adds a definition, unless its name is taken, which is reported. */
  add(definition: object, plugin: Plugin, report: Report): void {
    switch (definitionKindOf(definition)) {
      case 'step':
        this.#addStep(definition as StepDefinition, plugin, report);
        break;
      case 'source': {
        const source = definition as SourceDefinition;
        const isOwn = this.#claim('source', source.type, { plugin, report });
        if (isOwn) this.#sources.set(source.type, ofPlugin(containSource(source, plugin)));
        break;
      }
      case 'sink': {
        const sink = definition as SinkDefinition;
        const isOwn = this.#claim('sink', sink.type, { plugin, report });
        if (isOwn) this.#sinks.set(sink.type, ofPlugin(containSink(sink, plugin)));
        break;
      }
      case 'function': {
        const { name } = definition as FunctionDefinition;
        const isOwn = this.#claim('function', name, { plugin, report });
        if (isOwn) this.#functions.set(name, containFunction(definition as FunctionDefinition, plugin));
        break;
      }
      case 'parser': {
        const parser = definition as ParserDefinition;
        if (this.#claim('parser', parser.name, { plugin, report })) this.#formats.set(parser.name, containParser(parser, plugin));
        break;
      }
      default:
    }
  }

  registry(problems: readonly PluginProblem[]): Registry {
    const steps = new Map(this.#steps);
    if (this.#formats.size > 0) {
      const parse = parseWith({ ...formats, ...Object.fromEntries(this.#formats) });
      steps.set(parse.kind, parse as StepDefinition);
    }
    const functions = [...this.#functions.values()];
    return { steps, sources: this.#sources, sinks: this.#sinks, plugins: { functions, problems } };
  }

  /** Whether steps that are built in may run code of a plugin. */
  get isEverywhere(): boolean {
    return this.#functions.size > 0 || this.#formats.size > 0;
  }

  #addStep(definition: StepDefinition, plugin: Plugin, report: Report): void {
    const { kind } = definition;
    if (!this.#claim('step', kind, { plugin, report })) return;
    if (isProcessor(definition)) this.#steps.set(kind, ofPlugin(containProcessor(definition, plugin)));
    else
      this.#steps.set(
        kind,
        ofPlugin(isAsync(definition) ? containAsyncStep(definition, plugin) : containStep(definition, plugin)),
      );
  }

  /** Whether the name is free; it is the plugin's then. */
  #claim(what: Defined, name: string, { plugin, report }: { plugin: Plugin; report: Report }): boolean {
    const key = `${what} ${name}`;
    const owner = whoHas(what, name, this.#base) ?? this.#owners.get(key);
    if (owner === undefined) this.#owners.set(key, `the plugin ${JSON.stringify(plugin.name)} does so before`);
    else report('PLUGIN_CLASH', { what: `${what} ${JSON.stringify(name)}`, other: owner });
    return owner === undefined;
  }
}

/** What a plugin defines by a name of its own. */
export type Defined = 'step' | 'source' | 'sink' | 'function' | 'parser';

/** Who has a name already, as a part of a sentence; `undefined`: it is free. */
export function whoHas(what: Defined, name: string, base: Registry): string | undefined {
  switch (what) {
    case 'step':
      return takenBy(name, base.steps, stepSchema);
    case 'source':
      return takenBy(name, base.sources, sourceSchema);
    case 'sink':
      return takenBy(name, base.sinks, sinkSchema);
    case 'function':
      return defaultScope.functions.has(name) || builtInAggregates.has(name) ? BUILT_IN : undefined;
    case 'parser':
      return Object.hasOwn(formats, name) ? BUILT_IN : undefined;
  }
}

/** Who has a key already, where it stands beside the common options: `id` can be no kind. */
function takenBy(key: string, known: ReadonlyMap<string, unknown>, common: { readonly shape: object }): string | undefined {
  if (known.has(key)) return BUILT_IN;
  return Object.hasOwn(common.shape, key) ? 'that is the name of an option beside it' : undefined;
}
