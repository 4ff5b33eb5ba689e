import { expect, it } from 'vitest';
import { aggregationOf } from '../../../test/support/aggregation.ts';
import { operatorContext } from '../../../test/support/join-driver.ts';
import { RecordingLog } from '../../../test/support/tasks.ts';
import { RecordBatch } from '../../record/batch.ts';
import { StreamRecord } from '../../record/record.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { LeftOutReport } from './left-out-report.ts';

it('says once a minute what was left out', async () => {
  const clock = new VirtualClock();
  const log = new RecordingLog();
  const aggregation = aggregationOf({ bytes: 'sum(size)' });
  const report = new LeftOutReport(aggregation, operatorContext({ clock, log }));
  report.check();
  expect(log.lines).toEqual([]);
  const record = new StreamRecord();
  const add = (): void => {
    record.moveTo(RecordBatch.empty, 0, { size: 'large' });
    aggregation.add(aggregation.create(), record, 0);
  };
  add();
  report.check();
  expect(log.lines).toHaveLength(1);
  expect(log.lines[0]).toContain('sum(size) takes numbers (1)');
  add();
  report.check();
  expect(log.lines).toHaveLength(1);
  await clock.advance(60_000);
  report.check();
  expect(log.lines[1]).toContain('(2)');
});
