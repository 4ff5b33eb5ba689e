import { readFileSync } from 'node:fs';
import { type EventLoopUtilization, PerformanceObserver, performance } from 'node:perf_hooks';

/** What one process did between its first acknowledged records and its last. */
export interface Measured {
  /** Records and bytes acknowledged after the first ones, up to the last. */
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
  /** User and system time of the whole process: librdkafka's threads and the collection of garbage are in it. */
  readonly cpuSeconds: number;
  /** All records acknowledged, those before the window too. */
  readonly total: number;
  /** The most memory the process ever had, in MB of 1,000,000 bytes. */
  readonly peakRssMb: number;
  /** Share of the window (0 to 1) in which JavaScript's thread was busy, and in which it collected garbage. */
  readonly busy: number;
  readonly garbage: number;
}

interface Mark {
  readonly records: number;
  readonly bytes: number;
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly loop: EventLoopUtilization;
  readonly garbageMs: number;
}

/**
 * Measures the process it is in, from the first mark to the last. What comes before the first mark (starting Node,
 * connecting, joining a group, the first round trip of data to the brokers and back) is left out of every figure but
 * the peak of memory; so it is for Millrace and for the bare loops alike.
 */
export class MeasuredWindow {
  #first: Mark | undefined;
  #last: Mark | undefined;
  #garbageMs = 0;

  constructor() {
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#garbageMs += duration;
    }).observe({ entryTypes: ['gc'] });
  }

  /** So many records and bytes are acknowledged by now. */
  mark(records: number, bytes: number): void {
    const loop = performance.eventLoopUtilization();
    const mark = { records, bytes, at: performance.now(), cpu: process.cpuUsage(), loop, garbageMs: this.#garbageMs };
    this.#first ??= mark;
    this.#last = mark;
  }

  /** The records of the last mark. */
  get records(): number {
    return this.#last?.records ?? 0;
  }

  result(): Measured {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined) throw new Error('nothing was acknowledged, so nothing was measured');
    const ms = last.at - first.at;
    return {
      records: last.records - first.records,
      bytes: last.bytes - first.bytes,
      seconds: ms / 1000,
      cpuSeconds: (last.cpu.user + last.cpu.system - first.cpu.user - first.cpu.system) / 1e6,
      total: last.records,
      peakRssMb: memoryMb('VmHWM'),
      busy: performance.eventLoopUtilization(last.loop, first.loop).utilization,
      garbage: (last.garbageMs - first.garbageMs) / ms,
    };
  }
}

/**
 * The resident memory of a process: now (`VmRSS`) or at its highest (`VmHWM`), in MB of 1,000,000 bytes. From /proc,
 * because getrusage's maximum is taken over from the parent at fork.
 */
export function memoryMb(field: 'VmRSS' | 'VmHWM', pid: number | 'self' = 'self'): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}
