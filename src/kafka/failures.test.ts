import { expect, test } from 'vitest';
import { isKafkaError } from './error.ts';
import { Code, called, describeCode, factsOf, kafkaError } from './failures.ts';

test('takes the flags that librdkafka gives', () => {
  const facts = factsOf({ code: 47, message: 'Producer fenced', isFatal: false, isRetriable: false, isTxnRequiresAbort: true });
  expect(facts).toEqual({ code: 47, message: 'Producer fenced', fatal: false, retriable: false, requiresAbort: true });
});

test('judges by the code where there is no flag', () => {
  expect(factsOf(Code.timedOut)).toMatchObject({ code: -185, retriable: true, fatal: false });
  expect(factsOf({ code: Code.fenced, message: 'x' })).toMatchObject({ retriable: false, fatal: true });
  expect(factsOf(29)).toMatchObject({ retriable: false, fatal: false });
});

test.each([
  [new Error('unknown partition'), Code.unknownPartition],
  [new Error('Local: Timed out'), Code.timedOut],
  [new Error('something else'), Code.unknown],
  ['plain text', Code.unknown],
  [undefined, Code.unknown],
])('finds a code for %s', (error, code) => {
  expect(factsOf(error).code).toBe(code);
});

test('says what was done and why it failed', async () => {
  const failure: unknown = await called('asking', (done) => done({ code: Code.timedOut, message: 'Local: Timed out' })).catch(
    (error: unknown) => error,
  );
  expect(isKafkaError(failure)).toBe(true);
  expect(String(failure)).toBe('KafkaError: asking: Local: Timed out (Kafka code -185)');
  expect(kafkaError('again', failure)).toBe(failure);
  await expect(
    called('asking', () => {
      throw new TypeError('bad argument');
    }),
  ).rejects.toMatchObject({ name: 'KafkaError', code: -1 });
  expect(describeCode(Code.timedOut)).toBe('Timed out');
});
