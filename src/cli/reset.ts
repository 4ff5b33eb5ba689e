import { Reset } from '../runtime/reset.ts';
import { clusterFor } from './cluster.ts';
import { loadPipelines, type SettingsOptions } from './context.ts';
import { Exit, ExitError } from './exit.ts';

export interface ResetOptions extends SettingsOptions {
  readonly to: string;
  readonly task?: readonly string[];
  readonly newIds?: boolean;
}

/** `millrace reset`: chooses where a stopped pipeline's tasks go on reading. */
export async function reset(file: string, options: ResetOptions): Promise<number> {
  const [pipeline] = await loadPipelines([file]);
  if (pipeline === undefined) throw new ExitError(Exit.invalid);
  const { to, newIds = false } = options;
  if (to !== 'beginning' && to !== 'end') throw new ExitError(Exit.usage, `--to ${to}: it can be beginning or end`);
  const names = [...pipeline.sources, ...pipeline.streams, ...pipeline.sinks].map(({ name }) => name);
  const chosen = options.task ?? names;
  for (const name of chosen) {
    if (!names.includes(name)) throw new ExitError(Exit.usage, `--task ${name}: the pipeline has ${names.join(', ')}`);
  }
  const { settings, kafka, admin } = clusterFor(options);
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  try {
    await new Reset({ pipeline, chosen, to, newIds, settings, kafka, admin, say }).run();
    return Exit.done;
  } finally {
    await admin.close();
  }
}
