import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOptions, OperatorDriver, operatorOf } from '../../test/support/operator-driver.ts';
import { inOrderOfTime, play, SCRIPT_WAIT_MS, type ScriptedEvent, scriptOf } from '../../test/support/shuffled-events.ts';
import { toIso } from '../record/iso-time.ts';
import type { JsonObject } from '../record/json.ts';
import { alert } from './alert.ts';

const driverOf = (options: JsonObject, wait?: number): OperatorDriver =>
  new OperatorDriver(operatorOf(alert, { name: 'Many', by: ['k'], ...options }), wait === undefined ? {} : { wait, inFlight: 1 });

/** Gives values `v` of the key `a` at their times, and then lets event time go on. */
function run(options: JsonObject, given: readonly (readonly [time: number, v: number])[], until = 10_000): JsonObject[] {
  const driver = driverOf(options);
  for (const [time, v] of given) driver.record({ k: 'a', v }, time);
  driver.watermark(until);
  return driver.emitted.map(({ value, time }) => ({ ...(value?.['alert'] as JsonObject), at: time }));
}

const life = (alerts: readonly JsonObject[]): unknown[] =>
  alerts.map(({ at, status, severity, count }) => `${at} ${status} ${severity} ${count}`);

describe('alert', () => {
  it('raises one for a key, counts, and resolves it when nothing has met its condition for a time', () => {
    const driver = driverOf({
      raise_when: 'v > 5',
      resolve_after: '50ms',
      fields: { 'host.name': '{{ host }}', team: 'web', tier: 1 },
    });
    for (const [time, v] of [
      [100, 5],
      [110, 6],
      [120, 7],
      [160, 1],
      [170, 8],
    ] as const)
      driver.record({ k: 'a', v, host: `h${v}` }, time);
    driver.watermark(220);
    const [raised, ...more] = driver.emitted;
    expect(more).toEqual([]);
    const id = raised?.id;
    expect(raised).toMatchObject({ key: 'a', time: 110, version: 1 });
    const started = toIso(110);
    const common = { k: 'a', event: { kind: 'alert' }, rule: { name: 'Many' }, team: 'web', tier: 1 };
    expect(raised?.value).toEqual({
      ...{ '@timestamp': started, ...common, host: { name: 'h6' } },
      alert: { id, name: 'Many', status: 'open', severity: 'warning', started, last_seen: started, count: 1, revision: 1 },
    });
    driver.watermark(221);
    expect(driver.emitted[1]).toMatchObject({ id, time: 221, version: 2 });
    expect(driver.emitted[1]?.value).toEqual({
      ...{ '@timestamp': toIso(221), ...common, host: { name: 'h8' } },
      alert: {
        ...{ id, name: 'Many', status: 'resolved', severity: 'warning', started, last_seen: toIso(170), count: 3, revision: 2 },
        ...{ ended: toIso(221), duration_ms: 111 },
      },
    });
    // A record exactly so long after the last belongs to the alert.
    expect(
      life(
        run({ resolve_after: '50ms' }, [
          [100, 1],
          [150, 1],
        ]),
      ),
    ).toEqual(['100 open warning 1', '201 resolved warning 2']);
  });

  it('is another alert when it is raised again, also at the same time', () => {
    const alerts = run({ raise_when: 'v > 5', resolve_when: 'v === 0' }, [
      [100, 6],
      [100, 0],
      [100, 6],
      [100, 0],
      [101, 6],
      [102, 0],
      [102, 0],
    ]);
    expect(life(alerts)).toEqual([
      ...['100 open warning 1', '100 resolved warning 1', '100 open warning 1', '100 resolved warning 1'],
      ...['101 open warning 1', '102 resolved warning 1'],
    ]);
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(3);
    expect(alerts.map(({ revision }) => revision)).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it('is raised once the condition has held for a time', () => {
    const options = { raise_when: 'v > 5', for: '20ms', resolve_after: '100ms' };
    const steady = run(options, [
      [100, 6],
      [119, 6],
      [120, 6],
    ]);
    expect(life(steady)).toEqual(['120 open warning 3', '221 resolved warning 3']);
    expect(steady[0]).toMatchObject({ started: toIso(100) });
    expect(
      run(options, [
        [100, 6],
        [110, 5],
        [120, 6],
      ]),
    ).toEqual([]);
    // What nobody has seen for so long has not held.
    expect(
      run(options, [
        [100, 6],
        [201, 6],
      ]),
    ).toEqual([]);
  });

  it('is sent again at intervals, and whenever its severity changes', () => {
    expect(
      life(
        run({ resolve_after: '50ms', repeat: '20ms', severity: "{{ v > 8 ? 'critical' : 'warning' }}" }, [
          [100, 6],
          [105, 6],
          [130, 9],
          [131, 9],
          [132, 6],
        ]),
      ),
    ).toEqual([
      ...['100 open warning 1', '120 open warning 2', '130 open critical 3', '132 open warning 5', '152 open warning 5'],
      ...['172 open warning 5', '183 resolved warning 5'],
    ]);
  });

  it('is escalated by time, count and records, upwards only', () => {
    const options = {
      resolve_after: '200ms',
      escalate: [
        { count: 3, severity: 'serious' },
        { after: '50ms', severity: 'critical' },
        { when: 'v === 9', severity: 1 },
      ],
    };
    expect(
      life(
        run(options, [
          [100, 1],
          [110, 1],
          [120, 1],
          [140, 1],
          [160, 1],
        ]),
      ),
    ).toEqual(['100 open warning 1', '120 escalated serious 3', '150 escalated critical 4', '361 resolved critical 5']);
    expect(
      life(
        run(options, [
          [100, 9],
          [110, 1],
          [120, 1],
        ]),
      ),
    ).toEqual(['100 escalated 1 1', '321 resolved 1 3']);
  });

  it('is sent when it is escalated, though its severity is the same', () => {
    const alerts = run({ resolve_after: '50ms', escalate: [{ count: 2, severity: 'warning' }] }, [
      [100, 1],
      [110, 1],
    ]);
    expect(life(alerts)).toEqual(['100 open warning 1', '110 escalated warning 2', '161 resolved warning 2']);
  });

  it('refuses options that do not go together', () => {
    const problems = (options: JsonObject): string[] => {
      try {
        boundOptions(alert, { name: 'x', ...options });
        return [];
      } catch (error) {
        return (error as { issues: { path: unknown[]; message: string }[] }).issues.map(
          ({ path, message }) => `${path.join('.')}: ${message}`,
        );
      }
    };
    expect(problems({ escalate: [{ severity: 'x' }] })).toEqual([expect.stringContaining('escalate.0: one of "after"')]);
    expect(problems({ escalate: [{ after: '1s', count: 2, severity: 'x' }] })).toHaveLength(1);
    expect(problems({ by: ['alert.id'] })).toEqual([expect.stringContaining('by.0: a result has the field "alert"')]);
    expect(problems({ by: { event: 'a' } })).toEqual([expect.stringContaining('by.event: a result has the field "event.kind"')]);
    expect(problems({ by: ['host.name'], fields: { host: 'x', 'rule.name': 'y' } })).toHaveLength(2);
    expect(problems({ resolve_after: '0s' })).toHaveLength(1);
    expect(problems({ by: ['event.action'], fields: { 'event.reason': 'y' } })).toEqual([]);
  });

  it('sees the key and the headers of records, and event time', () => {
    const driver = driverOf({ by: ['$key'], raise_when: "$key === 'x' && $time === 7", fields: { seen: '{{ $time }}' } });
    driver.record({}, 6, { key: 'x' });
    driver.record({}, 7, { key: 'y' });
    driver.record({}, 7, { key: 'x' });
    driver.watermark(7);
    expect(driver.emitted.map(({ key, value }) => [key, value?.['seen']])).toEqual([['x', 7]]);
  });
});

describe('an alert that is open', () => {
  it('goes on under other options', () => {
    const first = driverOf({
      fields: { host: '{{ host }}' },
      escalate: [
        { count: 2, severity: 'bad' },
        { count: 3, severity: 'worse' },
      ],
    });
    for (const time of [100, 101, 102]) first.record({ k: 'a', host: 'h' }, time);
    first.watermark(102);
    first.cut();
    const second = driverOf({
      fields: { team: 'web', host: 'x' },
      escalate: [{ after: '1ms', severity: 'late' }],
      resolve_after: '50ms',
    });
    for (const [key, value] of first.changelog) second.operator.restore(key, value);
    second.operator.restored(102);
    second.watermark(200);
    expect(second.emitted).toMatchObject([
      { id: first.emitted[0]?.id, version: 4, value: { host: 'h', alert: { status: 'resolved', severity: 'worse', count: 3 } } },
    ]);
  });
});

interface Config {
  readonly holds: number;
  readonly repeat: number | undefined;
  readonly escalates: boolean;
}

const RESOLVE_AFTER = 30;
const END = 2_000;

/** What must come out, one millisecond after the other. */
function naive(events: readonly ScriptedEvent[], { holds, repeat, escalates }: Config): string[] {
  const sent: string[] = [];
  let pending: { since: number; last: number; n: number } | undefined;
  let open:
    | { raised: number; started: number; last: number; n: number; level: number; severity: string; sent: number }
    | undefined;
  const severityOf = (level: number, own: string): string => (level === 0 ? own : (['serious', 'critical'][level - 1] as string));
  const send = (time: number, status?: string): void => {
    if (open === undefined) return;
    open.sent = time;
    sent.push(`${time} ${status ?? (open.level > 0 ? 'escalated' : 'open')} ${open.severity} ${open.n} ${open.started}`);
  };
  for (let t = 0; t <= END; t += 1) {
    if (pending !== undefined && t > pending.last + RESOLVE_AFTER) pending = undefined;
    if (open !== undefined && t > open.last + RESOLVE_AFTER) {
      send(t, 'resolved');
      open = undefined;
    }
    if (open !== undefined) {
      const worse = escalates && open.level < 2 && t >= open.raised + 25;
      if (worse) Object.assign(open, { level: 2, severity: 'critical' });
      if (worse || (repeat !== undefined && t >= open.sent + repeat)) send(t);
    }
    for (const { value } of events.filter(({ time }) => time === t)) {
      const v = value['v'] as number;
      const own = v === 3 ? 'high' : 'low';
      if (v === 0) {
        send(t, 'resolved');
        open = undefined;
        pending = undefined;
      } else if (v === 1) {
        pending = undefined;
      } else if (open !== undefined) {
        const was = open.severity + open.level;
        open.n += 1;
        open.last = t;
        if (escalates && open.level === 0 && open.n >= 4) open.level = 1;
        open.severity = severityOf(open.level, own);
        if (was !== open.severity + open.level) send(t);
      } else {
        pending ??= { since: t, last: t, n: 0 };
        pending.n += 1;
        pending.last = t;
        if (t - pending.since < holds) continue;
        const level = escalates && pending.n >= 4 ? 1 : 0;
        open = { raised: t, started: pending.since, last: t, n: pending.n, level, severity: severityOf(level, own), sent: t };
        pending = undefined;
        send(t);
      }
    }
  }
  return sent;
}

describe('alerts', () => {
  it('are those of a computation over the sorted records, whatever the order, the cuts and the failures', () => {
    const value = fc.record({ k: fc.constantFrom('a', 'b'), v: fc.constantFrom(0, 1, 2, 2, 2, 3) });
    const config = fc.record({
      holds: fc.constantFrom(0, 10),
      repeat: fc.constantFrom(undefined, 9),
      escalates: fc.boolean(),
    });
    fc.assert(
      fc.property(scriptOf(value), config, (events, given) => {
        const options = {
          ...{ raise_when: 'v >= 2', resolve_when: 'v === 0', resolve_after: '30ms', severity: "{{ v === 3 ? 'high' : 'low' }}" },
          ...(given.holds === 0 ? {} : { for: '10ms' }),
          ...(given.repeat === undefined ? {} : { repeat: '9ms' }),
          ...(given.escalates
            ? {
                escalate: [
                  { count: 4, severity: 'serious' },
                  { after: '25ms', severity: 'critical' },
                ],
              }
            : {}),
        };
        const driver = driverOf(options, SCRIPT_WAIT_MS);
        play(driver, events);
        driver.watermark(END);
        for (const k of ['a', 'b']) {
          const own = driver.emitted.filter(({ key }) => key === k);
          const texts = own.map(({ value, time }) => {
            const { status, severity, count, started } = (value as JsonObject)['alert'] as JsonObject;
            return `${time} ${status} ${severity} ${count} ${Date.parse(started as string)}`;
          });
          const ordered = inOrderOfTime(events.filter((event) => event.value['k'] === k));
          expect(texts).toEqual(naive(ordered, given));
          // Each is raised once, and its revisions are numbered.
          const last = new Map<unknown, number>();
          for (const { id, version } of own) {
            expect(version).toBe((last.get(id) ?? 0) + 1);
            last.set(id, version);
          }
          expect(last.size).toBe(texts.filter((text) => text.includes('resolved')).length);
        }
        expect(driver.operator.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
