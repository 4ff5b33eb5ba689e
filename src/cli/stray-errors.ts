import { setImmediate } from 'node:timers/promises';
import { stackOf } from '../errors/index.ts';
import { type PluginFaults, thrownText } from '../plugins/index.ts';
import type { Logger } from '../sdk/logger.ts';
import { Exit, ExitError } from './exit.ts';

/**
 * What is thrown where nobody waits for it (a timer, a promise that is left alone) would end the process. Plugins do that by
 * mistake, and what they do then can have harmed no record: it is told of, and the process goes on. Anything else ends it still:
 * nobody knows in what state it has left things.
 */
export function outliveStrayErrors({ faults, log }: { faults: PluginFaults; log: Logger }): void {
  const say = (message: string): void => log.error(message);
  tell({ faults, ofPlugin: (message) => say(`${message}; the process goes on`), ofMillrace: say });
}

/**
 * The same for commands that run pipelines in memory. What plugins have thrown is kept: it is a mistake that such commands are there to
 * find. What comes when all is over is told at once, and ends the process with 1.
 */
export class KeptStrayErrors {
  readonly #kept: string[] = [];
  #isOver = false;

  constructor(faults: PluginFaults) {
    const keep = (message: string): void => {
      if (!this.#isOver) {
        this.#kept.push(message);
        return;
      }
      say(message);
      process.exitCode = Exit.invalid;
    };
    tell({ faults, ofPlugin: keep, ofMillrace: say });
  }

  /** What has come since it was last asked. Lets Node tell of promises that were left alone until now. */
  async take(): Promise<readonly string[]> {
    await setImmediate();
    return this.#kept.splice(0);
  }

  /** Nobody asks any more. */
  end(): void {
    this.#isOver = true;
  }
}

/**
 * Loads plugins by `load`. What their modules throw meanwhile where nobody waits for it is told of, and ends the command with 1, as
 * what they throw at once does; so does what comes later, unless the command has its own way with it.
 */
export async function whileLoading<T>(faults: PluginFaults, load: () => Promise<T>): Promise<T> {
  // Whoever is told already knows what to do.
  if (told !== undefined) return load();
  const strays = new KeptStrayErrors(faults);
  const [outcome] = await Promise.allSettled([load()]);
  const kept = await strays.take();
  strays.end();
  for (const message of kept) say(message);
  if (!faults.hasPlugins) forget();
  if (outcome.status === 'rejected') throw outcome.reason;
  if (kept.length > 0) throw new ExitError(Exit.invalid);
  return outcome.value;
}

function say(message: string): void {
  process.stderr.write(`millrace: ${message}\n`);
}

/** Who is told. */
interface Told {
  readonly faults: PluginFaults;
  ofPlugin(message: string): void;
  /** The process ends then. */
  ofMillrace(message: string): void;
}

let told: Told | undefined;

/** From now on `one` is told, and nobody else. */
function tell(one: Told): void {
  if (told === undefined) process.on('uncaughtException', onThrown).on('unhandledRejection', onRejected);
  told = one;
}

function forget(): void {
  told = undefined;
  process.off('uncaughtException', onThrown).off('unhandledRejection', onRejected);
}

function onThrown(error: unknown): void {
  if (told !== undefined) hear(told, error, 'threw');
}

function onRejected(error: unknown): void {
  if (told !== undefined) hear(told, error, 'left a promise alone that was rejected');
}

function hear({ faults, ofPlugin, ofMillrace }: Told, error: unknown, how: string): void {
  const owner = faults.blame(error);
  if (owner !== undefined) {
    faults.count(owner);
    ofPlugin(`the plugin ${owner} ${how}: ${thrownText(error)}${tracing() ? `\n${stackOf(error)}` : ''}`);
    return;
  }
  ofMillrace(`something ${how} that nobody waits for: ${stackOf(error)}`);
  process.exit(Exit.failed);
}

function tracing(): boolean {
  return process.env['MILLRACE_TRACE'] !== undefined;
}
