/** Tells the process that started this one what was measured; settles once it is sent. */
export function report(message: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = (error: Error | null): void => (error === null ? resolve() : reject(error));
    if (process.send?.(message, undefined, undefined, sent) === undefined) {
      reject(new Error('this program is started by the bench, not by hand'));
    }
  });
}

/** Gives up the channel to the process that started this one, which keeps this one alive. */
export function leave(): void {
  if (process.connected) process.disconnect();
}
