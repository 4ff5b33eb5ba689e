import { type ErrorCode, type ErrorParameters, MillraceError, reasonOf } from '../errors/index.ts';
import type { Surrounding } from '../stream/processor/work-in.ts';
import { pluginAtWork, surroundingOf } from './at-work.ts';
import { filesIn, isOfMillrace, isOfNobody, shortPath, thrownText } from './thrown.ts';

/** The name of the plugin where what it has thrown does not tell. */
const UNKNOWN = '(unknown)';

/** What plugins have done wrong in this process, for metrics and the log. */
export class PluginFaults {
  readonly #counts = new Map<string, number>();
  readonly #owners = new Map<string, string>();
  readonly #names = new Set<string>();
  #loading: string | undefined;
  #said: (plugin: string, message: string) => void = () => undefined;

  /** Who is told of what costs no record, and so stands in no dead letter. */
  tell(said: (plugin: string, message: string) => void): void {
    this.#said = said;
  }

  /** A plugin is being loaded: its module runs. */
  loading(plugin: string): void {
    this.#names.add(plugin);
    this.#loading = plugin;
  }

  /** A plugin has been loaded, of these files. */
  loaded(plugin: string, files: readonly string[]): void {
    this.#loading = undefined;
    for (const file of files) this.#owners.set(file, plugin);
  }

  get hasPlugins(): boolean {
    return this.#names.size > 0;
  }

  /** The files of all that have been loaded. */
  get files(): readonly string[] {
    return [...this.#owners.keys()];
  }

  /** Who is to blame for what was thrown where nobody waits for it; `undefined`: Millrace itself. Ask while it is being told. */
  blame(error: unknown): string | undefined {
    const owner = this.#ownerOf(error);
    if (owner !== undefined) return owner;
    if (!isOfMillrace(error)) {
      const begunBy = pluginAtWork();
      if (begunBy !== undefined) return begunBy;
    }
    return isOfNobody(error) ? (this.#suspect ?? UNKNOWN) : undefined;
  }

  /** Whose code was at work when an error was made; `undefined`: no plugin's. */
  #ownerOf(error: unknown): string | undefined {
    const files = filesIn(error);
    const owned = files.find((file) => this.#owners.has(file));
    if (owned !== undefined) return this.#owners.get(owned);
    return files[0] === undefined ? undefined : (this.#loading ?? shortPath(files[0]));
  }

  /** The plugin that is to blame for what does not say where it comes from: the one whose module runs, or the only one. */
  get #suspect(): string | undefined {
    return this.#loading ?? (this.#names.size === 1 ? [...this.#names][0] : undefined);
  }

  count(plugin: string): void {
    this.#counts.set(plugin, (this.#counts.get(plugin) ?? 0) + 1);
  }

  /** Something that no record is given up for. */
  tellOf(plugin: string, error: unknown): void {
    this.#said(plugin, reasonOf(error));
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

/** A plugin at work, by the name that its pipeline file has for it. */
export class Plugin {
  readonly name: string;
  readonly faults: PluginFaults;
  /** Calls its code: whatever that begins, and leaves alone, is known to be its own. */
  readonly run: Surrounding;

  constructor(name: string, faults: PluginFaults) {
    this.name = name;
    this.faults = faults;
    this.run = surroundingOf(name);
  }

  /** What it has thrown, as an error that names it. Counted. */
  threw(error: unknown): MillraceError {
    return this.fault('PLUGIN_THREW', { reason: thrownText(error) }, error);
  }

  fault(code: ErrorCode, parameters: ErrorParameters, cause?: unknown): MillraceError {
    this.faults.count(this.name);
    return new MillraceError(code, { plugin: this.name, ...parameters }, { cause });
  }
}
