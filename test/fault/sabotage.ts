import { fileURLToPath } from 'node:url';
import { MillraceProcess } from '../support/processes.ts';
import type { Shipment, StartOptions } from '../support/shipment.ts';

const PROGRAM = fileURLToPath(new URL('./sabotaged-run.mjs', import.meta.url));

/** Runs one of a shipment's pipeline files with a change that the product has no switch for: see sabotaged-run.mjs. */
export function startSabotaged(
  sabotage: string,
  shipment: Shipment,
  { files = [shipment.pipeline], data, crashAt, args = [] }: StartOptions,
): MillraceProcess {
  const crash = crashAt === undefined ? {} : { MILLRACE_TEST_CRASH_AT: crashAt };
  const all = [sabotage, ...files, ...shipment.settings, '-s', `data_directory=${shipment.dataDirectory(data)}`, ...args];
  return new MillraceProcess(all, { program: PROGRAM, env: { UV_THREADPOOL_SIZE: '64', ...crash } });
}
