import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { clusterAddress, describeOnCluster } from '../support/cluster.ts';
import { call, countDocuments } from '../support/elasticsearch.ts';
import { readCommitted, topicConfig, topicEndOffsets } from '../support/foreign-reader.ts';
import { killAllProcesses } from '../support/processes.ts';
import { Shipment } from '../support/shipment.ts';

/** 10,000 lines of a real web server's log of May 2015, one of them cut in the middle. See its own notes beside it. */
const LOG = fileURLToPath(new URL('../../../shared/data/access/elastic_apache_logs.log', import.meta.url));
const DOCUMENTS = 9_999;
const CUT_LINE = 8_899;
const BYTES = 2_747_282_505;

interface Aggregated {
  readonly aggregations: { readonly bytes: { readonly value: number }; readonly last: { readonly value_as_string: string } };
}

describeOnCluster('a real access log', () => {
  afterEach(killAllProcesses);

  it.skipIf(!existsSync(LOG))(
    'is shipped whole: every line a document, the broken one a dead letter, and once only',
    async () => {
      const { brokers, elasticsearch } = clusterAddress();
      const shipment = await Shipment.create('access');
      await mkdir(shipment.logs.directory, { recursive: true });
      await copyFile(LOG, join(shipment.logs.directory, 'access.log'));
      const first = await shipment.start({ args: ['--once'] }).ended;
      expect(first.code).toBe(0);

      expect(await countDocuments(elasticsearch, shipment.index)).toBe(DOCUMENTS);
      const query = {
        size: 0,
        aggs: { bytes: { sum: { field: 'http.response.body.bytes' } }, last: { max: { field: '@timestamp' } } },
      };
      const { aggregations } = await call<Aggregated>(elasticsearch, 'POST', `/${shipment.index}/_search`, query);
      expect(aggregations.bytes.value).toBe(BYTES);
      expect(aggregations.last.value_as_string).toMatch(/^2015-05-/);

      const lines = (await readFile(LOG)).toString('latin1').split('\n');
      const dead = await readCommitted(brokers, `${shipment.name}.shipment.dead`);
      expect(dead.map(({ value }) => (JSON.parse(String(value)) as { message: string }).message)).toEqual([lines[CUT_LINE - 1]]);

      for (const topic of [shipment.raw, shipment.events]) {
        // Retention counts from arrival: by their own time of 2015 these records would be gone at the next look.
        expect((await topicConfig(brokers, topic)).get('message.timestamp.type'), topic).toBe('LogAppendTime');
        const records = await readCommitted(brokers, topic);
        expect(Math.min(...records.map(({ timestamp }) => timestamp))).toBeGreaterThan(Date.now() - 600_000);
      }
      const events = await readCommitted(brokers, shipment.events);
      const originals = events.map(({ value }) => (JSON.parse(String(value)) as { event: { original: string } }).event.original);
      expect(originals.sort()).toEqual(lines.filter((line, i) => line !== '' && i !== CUT_LINE - 1).sort());

      const before = await Promise.all([shipment.raw, shipment.events].map((topic) => topicEndOffsets(brokers, topic)));
      const second = shipment.start({ args: ['--once'] });
      expect((await second.ended).code).toBe(0);
      expect(second.stderr).toContain('source shipment/log: 0 records in');
      expect(await Promise.all([shipment.raw, shipment.events].map((topic) => topicEndOffsets(brokers, topic)))).toEqual(before);
      expect(await countDocuments(elasticsearch, shipment.index)).toBe(DOCUMENTS);
      await shipment.dispose();
    },
  );
});
