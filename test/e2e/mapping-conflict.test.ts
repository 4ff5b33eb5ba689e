import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { call, countDocuments, deleteIndex } from '../support/elasticsearch.ts';
import { lineOf } from '../support/numbered-lines.ts';
import { killAllProcesses, runMillrace } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';

const LINES = 1_000;
/** Every line whose status is an error gets a text where the first mapping wants a number. */
const CONFLICTING = Array.from({ length: LINES }, (_, n) => n).filter((n) => n % 50 === 0);
const STEPS = `    steps:
      - parse: apache_combined
      - map: "labels.size = http.response.status_code >= 500 ? 'large' : '7'"
`;

describeOnCluster('records that the mapping of an index does not take', () => {
  afterEach(killAllProcesses);

  it('are dead letters, they alone, and are delivered by a replay once it is mended, to that sink only', async () => {
    const { elasticsearch } = clusterAddress();
    const shipment = await Shipment.create('mapping', {
      stream: STEPS,
      plainIndex: true,
      moreSinks: ({ events, directory }) =>
        `  archive:\n    from: ${events}\n    ndjson: { path: "${join(directory, 'archive.ndjson')}" }\n`,
    });
    const archived = async (): Promise<string[]> => {
      const text = await readFile(join(shipment.directory, 'archive.ndjson'), 'utf8');
      return text.split('\n').filter((line) => line !== '');
    };
    const dlq = async (...args: string[]): Promise<string> => {
      const [command = '', ...rest] = args;
      const { code, stdout } = await runMillrace(['dlq', command, shipment.pipeline, ...shipment.settings, ...rest]);
      expect(code).toBe(0);
      return stdout;
    };
    await makeIndex(`${shipment.index}-1`, shipment.index, 'integer');
    await shipment.logs.write(LINES);
    expect((await shipment.start({ args: ['--once'] }).ended).code).toBe(0);

    const { samples, ...counts } = await shipment.tally('documents');
    expect(counts).toEqual({ missing: CONFLICTING.length, double: 0, foreign: 0 });
    expect(samples.missing).toEqual(CONFLICTING.slice(0, samples.missing.length));
    expect(await dlq('list')).toMatch(
      new RegExp(`${CONFLICTING.length} dead letters\\n +${CONFLICTING.length} +search +step - +ES_`),
    );
    const shown = await dlq('show', '--limit', String(LINES));
    expect(shown).toContain('failed to parse field [labels.size] of type [integer]');
    for (const n of CONFLICTING) expect(shown, `dead letter of line ${n}`).toContain(`GET /n/${n}?`);
    expect(shown.match(/^#\d+/gm)).toHaveLength(CONFLICTING.length);
    expect(await archived()).toHaveLength(LINES);

    // Replayed before anything is mended they come back, each once, and are no new records to anybody else.
    expect(await dlq('replay')).toContain(`${CONFLICTING.length} dead letters handed back to search`);
    expect((await shipment.start({ args: ['--once'] }).ended).code).toBe(0);
    expect(await dlq('list')).toContain(`${CONFLICTING.length} dead letters`);

    await makeIndex(`${shipment.index}-2`, shipment.index, 'keyword');
    expect(await dlq('replay')).toContain(`${CONFLICTING.length} dead letters handed back to search`);
    expect(await dlq('replay')).toContain('nothing to replay');
    expect((await shipment.start({ args: ['--once'] }).ended).code).toBe(0);
    await shipment.expectExact();
    expect(await countDocuments(elasticsearch, `${shipment.index}-2`)).toBe(CONFLICTING.length);
    expect(await dlq('list')).toContain('no dead letters');
    const originals = (await archived()).map((line) => (JSON.parse(line) as { event: { original: string } }).event.original);
    expect(originals.sort()).toEqual(Array.from({ length: LINES }, (_, n) => lineOf(n)).sort());

    await deleteIndex(elasticsearch, `${shipment.index}-1,${shipment.index}-2`);
    await shipment.dispose();
  });
});

/** Makes an index to which the alias writes from now on; what it wrote before stays visible by it. */
async function makeIndex(name: string, alias: string, type: 'integer' | 'keyword'): Promise<void> {
  const { elasticsearch } = clusterAddress();
  const mappings = { properties: { labels: { properties: { size: { type } } } } };
  await call(elasticsearch, 'PUT', `/${name}`, { mappings });
  const before = await call<Record<string, { aliases: Record<string, unknown> }>>(elasticsearch, 'GET', `/${alias}*/_alias`);
  const others = Object.keys(before).filter((index) => index !== name);
  const actions = [
    ...others.map((index) => ({ add: { index, alias, is_write_index: false } })),
    { add: { index: name, alias, is_write_index: true } },
  ];
  await call(elasticsearch, 'POST', '/_aliases', { actions });
}
