import { setImmediate } from 'node:timers/promises';
import { type PluginFaults, thrownText } from '../plugins/index.ts';
import type { Logger } from '../sdk/logger.ts';
import { Exit } from './exit.ts';

/**
 * What is thrown where nobody waits for it (a timer, a promise that is left alone) would end the process. Plugins do that by
 * mistake, and what they do then can have harmed no record: it is told of, and the process goes on. Anything else ends it still:
 * nobody knows in what state it has left things.
 */
export function outliveStrayErrors({ faults, log }: { faults: PluginFaults; log: Logger }): void {
  const say = (message: string): void => log.error(message);
  onStrayErrors(faults, { ofPlugin: (message) => say(`${message}; the process goes on`), ofMillrace: say });
}

/**
 * The same for commands that run pipelines in memory. What plugins have thrown is kept: it is a mistake that such commands are there to
 * find. What comes when all is over is told at once, and ends the process with 1.
 */
export class KeptStrayErrors {
  readonly #kept: string[] = [];
  #isOver = false;

  constructor(faults: PluginFaults) {
    const say = (message: string): void => {
      process.stderr.write(`millrace: ${message}\n`);
    };
    const keep = (message: string): void => {
      if (!this.#isOver) {
        this.#kept.push(message);
        return;
      }
      say(message);
      process.exitCode = Exit.invalid;
    };
    onStrayErrors(faults, { ofPlugin: keep, ofMillrace: say });
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

interface Said {
  ofPlugin(message: string): void;
  /** The process ends then. */
  ofMillrace(message: string): void;
}

function onStrayErrors(faults: PluginFaults, said: Said): void {
  const told = (error: unknown, how: string): void => {
    const owner = faults.ownerOf(error);
    if (owner !== undefined || isOfNobody(error)) {
      faults.count(owner ?? UNKNOWN);
      said.ofPlugin(`the plugin ${owner ?? UNKNOWN} ${how}: ${thrownText(error)}`);
      return;
    }
    said.ofMillrace(`something ${how} that nobody waits for: ${stackOf(error)}`);
    process.exit(Exit.failed);
  };
  process.on('uncaughtException', (error) => told(error, 'threw'));
  process.on('unhandledRejection', (error) => told(error, 'left a promise alone that was rejected'));
}

/** The name of the plugin where what it has thrown does not tell. */
const UNKNOWN = '(unknown)';

/** Millrace throws errors only, and they were made in its own files: what has no file in its stack came by way of a plugin. */
function isOfNobody(error: unknown): boolean {
  return !(error instanceof Error) || !/file:\/\/|\/node_modules\/|^\s*at .*\.c?js:\d+/m.test(stackOf(error));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
