/** Places at which the fault tests kill a process, to show that a crash at any of them is survived. */
export type FaultPoint = 'after_produce' | 'after_send_offsets' | 'after_commit' | 'after_delivery';

/** Passes a fault point. In production it does nothing. */
export type PassFaultPoint = (point: FaultPoint) => void;

export const noFaults: PassFaultPoint = () => {};

/**
 * Kills this process with SIGKILL when `point` is passed for the `n`th time. The text is `point:n`, as the tests give it
 * in the environment; anything else is refused, so that a misspelt test cannot pass for want of its fault.
 */
export function faultAt(text: string): PassFaultPoint {
  const match = /^(after_produce|after_send_offsets|after_commit|after_delivery):(\d+)$/.exec(text);
  if (match === null) throw new Error(`${JSON.stringify(text)} is no fault point: write point:n`);
  let left = Number(match[2]);
  return (point) => {
    if (point !== match[1]) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
