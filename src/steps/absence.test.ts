import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOptions, OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import { inOrderOfTime, play, SCRIPT_WAIT_MS, type ScriptedEvent, scriptOf } from '../../test/support/shuffled-events.ts';
import { toIso } from '../record/iso-time.ts';
import type { JsonObject } from '../record/json.ts';
import { absence } from './absence.ts';

const driverOf = (options: JsonObject, wait?: number): OperatorDriver =>
  new OperatorDriver(operatorOf(absence, { by: ['k'], ...options }), wait === undefined ? {} : { wait, inFlight: 1 });

/** What was sent: when, of which key, what, and since when it was silent. */
const sentBy = (driver: OperatorDriver): string[] =>
  driver.emitted.map(({ key, value, time }) => {
    const { status, since, revision } = (value as JsonObject)['absence'] as JsonObject;
    return `${time} ${key} ${status} ${Date.parse(since as string)} ${revision}`;
  });

describe('absence', () => {
  it('says once that a key is silent, and that it is back, under one id', () => {
    const driver = driverOf({ within: '50ms', fields: { room: '{{ room }}' } });
    driver.record({ k: 'a', room: 'r1' }, 100);
    driver.record({ k: 'a', room: 'r2' }, 150);
    driver.watermark(200);
    expect(driver.emitted).toEqual([]);
    driver.watermark(201);
    driver.watermark(400);
    driver.record({ k: 'a', room: 'r3' }, 430);
    driver.watermark(430);
    const [first, second, ...others] = driver.emitted;
    expect(others).toEqual([]);
    const id = first?.id;
    const known = { id, since: toIso(150) };
    expect(first).toMatchObject({ key: 'a', time: 201, version: 1 });
    expect(first?.value).toEqual({
      ...{ '@timestamp': toIso(201), k: 'a', room: 'r2' },
      absence: { ...known, status: 'absent', duration_ms: 51, revision: 1 },
    });
    expect(second).toMatchObject({ key: 'a', id, time: 430, version: 2 });
    expect(second?.value).toEqual({
      ...{ '@timestamp': toIso(430), k: 'a', room: 'r2' },
      absence: { ...known, status: 'back', duration_ms: 280, revision: 2, ended: toIso(430) },
    });
    driver.watermark(481);
    expect(driver.emitted[2]?.id).not.toBe(id);
  });

  it('repeats what lasts, and forgets a key that stays away', () => {
    const driver = driverOf({ within: '50ms', repeat: '20ms', forget_after: '100ms' });
    driver.record({ k: 'a' }, 100);
    driver.watermark(1_000);
    expect(sentBy(driver)).toEqual(['151 a absent 100 1', '171 a absent 100 2', '191 a absent 100 3']);
    expect(driver.operator.size).toBe(0);
    driver.record({ k: 'a' }, 2_000);
    driver.watermark(2_000);
    expect(driver.emitted).toHaveLength(3);
  });

  it('says nothing of the end where it is not to', () => {
    const driver = driverOf({ within: '50ms', resolve: false });
    driver.record({ k: 'a' }, 100);
    driver.watermark(180);
    driver.record({ k: 'a' }, 190);
    driver.watermark(190);
    expect(sentBy(driver)).toEqual(['151 a absent 100 1']);
  });

  it('is revised where it is sent more than once', () => {
    const revisedBy = (options: JsonObject): string | undefined => absence.state.revises?.(boundOptions(absence, options));
    expect(revisedBy({ within: '1s' })).toBe('resolve');
    expect(revisedBy({ within: '1s', resolve: false, repeat: '1s' })).toBe('repeat');
    expect(revisedBy({ within: '1s', resolve: false })).toBeUndefined();
  });

  it('refuses to forget a key before it can be absent, and fields that it sets itself', () => {
    expect(() => boundOptions(absence, { within: '1d' })).toThrow(/must be longer than/);
    expect(() => boundOptions(absence, { within: '1s', by: ['absence.id'] })).toThrow(/has the field/);
  });
});

const WITHIN = 12;
const REPEAT = 9;
const FORGET = 40;
const END = 2_000;

/** What must be sent of a key, from its records in order: the gaps between them. */
function naive(k: string, events: readonly ScriptedEvent[], repeats: boolean): string[] {
  const times = events.filter(({ value }) => value['k'] === k).map(({ time }) => time);
  return times.flatMap((time, i) => {
    const next = times[i + 1] ?? END;
    const said: string[] = [];
    for (let at = time + WITHIN + 1; at <= next && at < time + FORGET; at += repeats ? REPEAT : END)
      said.push(`${at} ${k} absent ${time}`);
    if (said.length > 0 && next < END && next < time + FORGET) said.push(`${next} ${k} back ${time}`);
    return said.map((text, number) => `${text} ${number + 1}`);
  });
}

describe('absences', () => {
  it('are the gaps between the sorted records, whatever the order, the cuts and the failures', () => {
    const value = fc.record({ k: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(scriptOf(value), fc.boolean(), (events, repeats) => {
        const options = { within: '12ms', forget_after: '40ms', ...(repeats ? { repeat: '9ms' } : {}) };
        const driver = driverOf(options, SCRIPT_WAIT_MS);
        play(driver, events);
        driver.watermark(END);
        const sent = sentBy(driver);
        const ordered = inOrderOfTime(events);
        for (const k of ['a', 'b', 'c'])
          expect(sent.filter((text) => text.includes(` ${k} `))).toEqual(naive(k, ordered, repeats));
        expect(driver.operator.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
