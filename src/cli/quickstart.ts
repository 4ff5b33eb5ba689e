import { rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateAccessLog } from '../../connectors/generator/index.ts';
import { loadPipelines, loadSettingsOf, type SettingsOptions } from './context.ts';
import { Exit } from './exit.ts';
import { grouped } from './progress.ts';
import { runPipelines } from './run.ts';

export interface QuickstartOptions extends SettingsOptions {
  readonly lines?: number;
}

const LINES = 20_000;
const PIPELINES = fileURLToPath(new URL('../../../pipelines/', import.meta.url));

/** `millrace quickstart` (npm start): the main job from end to end with nothing installed. */
export async function quickstart(options: QuickstartOptions): Promise<number> {
  const directory = resolve('.millrace', 'quickstart');
  const lines = options.lines ?? LINES;
  await generateAccessLog({ path: join(directory, 'access.log'), lines, seed: 1 });
  // The sink appends: without this the file would hold the records of every run.
  await rm(join(directory, 'events.ndjson'), { force: true });
  process.env['MILLRACE_QUICKSTART'] = directory;
  const search = process.env['ELASTICSEARCH_URL'] === undefined ? [] : ['quickstart-elasticsearch.yaml'];
  const pipelines = await loadPipelines(['quickstart.yaml', ...search].map((name) => join(PIPELINES, name)));
  const settings = loadSettingsOf({ profile: 'embedded', ...options, set: ['log.format=text', ...(options.set ?? [])] });
  process.stderr.write(
    `Millrace quickstart: ${grouped(lines)} lines of ${here(join(directory, 'access.log'))} go through ${pipelines.map(({ file }) => here(file)).join(' and ')}\n`,
  );
  const code = await runPipelines(pipelines, settings, { once: true, worker: false });
  if (code !== Exit.done) return code;
  process.stderr.write(`The parsed records are in ${here(join(directory, 'events.ndjson'))}.\n`);
  if (search.length > 0)
    process.stderr.write(
      `They are in Elasticsearch too, in the index millrace-quickstart of ${process.env['ELASTICSEARCH_URL']}.\n`,
    );
  else process.stderr.write('Set ELASTICSEARCH_URL to ship them to Elasticsearch too.\n');
  return code;
}

/** A path as short as it can be said from here. */
function here(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
