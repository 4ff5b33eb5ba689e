import { type PluginFaults, thrownText } from '../plugins/index.ts';
import type { Logger } from '../sdk/logger.ts';
import { Exit } from './context.ts';

/**
 * What is thrown where nobody waits for it (a timer, a promise that is left alone) would end the process. Plugins do that by
 * mistake, and what they do then can have harmed no record: it is told of, and the process goes on. Anything else ends it still:
 * nobody knows in what state it has left things.
 */
export function outliveStrayErrors({ faults, log }: { faults: PluginFaults; log: Logger }): void {
  const told = (error: unknown, how: string): void => {
    const owner = faults.ownerOf(error);
    if (owner !== undefined || isOfNobody(error)) {
      faults.count(owner ?? UNKNOWN);
      log.error(`the plugin ${owner ?? UNKNOWN} ${how}: ${thrownText(error)}; the process goes on`);
      return;
    }
    log.error(`something ${how} that nobody waits for: ${stackOf(error)}`);
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
