import type { Logger } from '../sdk/logger.ts';
import { Exit } from './exit.ts';

/**
 * A signal that SIGTERM and SIGINT abort: what has been taken is finished and committed. A second one ends the process at
 * once, which loses nothing either, but leaves the group waiting for its session to time out. A worker also stops when
 * its launcher is gone.
 */
export function stopSignal(log: Logger, { worker }: { worker: boolean }): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string): void => {
    if (controller.signal.aborted) {
      log.warn(`${why} again: ending at once`);
      process.exit(Exit.failed);
    }
    log.info(`${why}: finishing what has been taken`);
    controller.abort(new Error(why));
  };
  process.on('SIGTERM', () => stop('stopped by SIGTERM'));
  // Ctrl-C in a terminal reaches every process of the group; the launcher passes it on as SIGTERM.
  process.on('SIGINT', () => {
    if (!worker) stop('stopped by Ctrl-C');
  });
  if (worker) {
    process.on('disconnect', () => {
      if (!controller.signal.aborted) stop('the launcher is gone');
    });
    // Listening keeps the channel to the launcher, and by it the process, alive: without this a worker never ends.
    process.channel?.unref();
  }
  return controller.signal;
}
