import { describe, expect, it, test } from 'vitest';
import { boundOptions, recordWith } from '../../../test/support/operator-driver.ts';
import { window } from '../window.ts';

const bound = (options: object): ReturnType<typeof boundOptions<Parameters<typeof window.state.fingerprint>[0]>> =>
  boundOptions(window, { tumbling: '10s', by: ['k'], compute: { n: 'count()' }, ...options });

describe('options of window', () => {
  test.each<[object, RegExp]>([
    [{ tumbling: undefined }, /one of tumbling, hopping, sliding, session, calendar is needed/],
    [{ session: '1m' }, /windows of one kind, and \\"tumbling\\" stands there/],
    [{ tumbling: '0s' }, /more than 0/],
    [{ tumbling: '1.5ms' }, /whole number of ms/],
    [{ tumbling: { size: '1h', offset: '-1h' } }, /must be less than/],
    [{ tumbling: { size: '1h', offset: 'x' } }, /no offset/],
    [{ tumbling: undefined, hopping: { size: '1h', every: '0s' } }, /more than 0/],
    [{ tumbling: undefined, hopping: { size: '1d', every: '1s' } }, /more than 1000 windows/],
    [{ tumbling: undefined, calendar: { unit: 'day', zone: 'Europe/Nowhere' } }, /no such time zone/],
    [{ tumbling: undefined, calendar: { unit: 'day', week_start: 'sunday' } }, /only for/],
    [{ tumbling: undefined, calendar: 'decade' }, /hour/],
    [{ emit: 'every 5' }, /every 5s/],
    [{ emit: 'every 0s' }, /every 5s/],
    [{ emit: 'sometimes' }, /close, update/],
    [{ keep: '0.5ms' }, /whole number of ms/],
    [{ by: [] }, />=1/],
    [{ by: {} }, /leave \\"by\\" out/],
    [{ by: ['lower(k)'] }, /has no name; write a mapping/],
    [{ by: ['true'] }, /has no name/],
    [{ by: { 'a..b': 'k' } }, /no field path/],
    [{ by: { __proto__x: 'k', 'constructor.a': 'k' } }, /no field path/],
    [{ by: ['pane'] }, /set by the window itself/],
    [{ compute: { window: 'count()' } }, /set by the window itself/],
    [{ compute: {} }, /at least one field/],
    [{ max_groups: 0 }, />=1/],
  ])('refuses %j', (options, message) => {
    const given = { tumbling: '10s', by: ['k'], compute: { n: 'count()' }, ...options };
    expect(JSON.stringify(window.options.safeParse(given).error?.issues)).toMatch(message);
  });

  it('are told one mistake for one: a step of 0 is not also too many windows', () => {
    const given = { hopping: { size: '1h', every: '0s' }, compute: { n: 'count()' } };
    expect(JSON.stringify(window.options.safeParse(given).error?.issues)).not.toMatch(/1000 windows|must be less/);
  });

  it('compute fields that do not hide each other, of fields that the result has', () => {
    const problems = (compute: object): string => JSON.stringify(window.check?.(bound({ compute })));
    expect(problems({ n: 'count()', share: 'n / sum(x)' })).toBe('[]');
    expect(problems({ k: 'count()' })).toMatch(/take the place of k/);
    expect(problems({ 'k.n': 'count()' })).toMatch(/take the place of k/);
    expect(problems({ n: 'x + count()' })).toMatch(/the result has no field x, outside of aggregates/);
  });

  it('name results in having: an aggregate there is a mistake, a list that is written out is none', () => {
    const problems = (having: string): string => JSON.stringify(window.check?.(bound({ having })));
    expect(problems('n > 1 && max(n, 2) > 1 && avg([n, 4]) > 2 && first(n) !== 3')).toBe('[]');
    expect(window.check?.(bound({ having: 'n > 1 && sum(x) > 5' }))).toEqual([
      {
        code: 'EXPRESSION_AGGREGATE',
        message: 'sum() is an aggregate: give `sum(x)` a name in `compute`, and write that name here',
        path: ['having'],
        offset: 9,
        length: 3,
      },
    ]);
    expect(problems('quantile(x, 0.9) > stddev(y)')).toMatch(/quantile\(\) is an aggregate.*stddev\(\) is an aggregate/);
  });

  it('are in the fingerprint where the stored state depends on them', () => {
    const fingerprint = (options: object): unknown => window.state.fingerprint(bound(options));
    const same = [{ keep: '1m' }, { emit: 'update' }, { late: 'dead_letter' }, { having: 'n > 1' }, { max_groups: 5 }];
    for (const options of same) expect(fingerprint(options)).toEqual(fingerprint({}));
    const others = [{ tumbling: '11s' }, { by: ['l'] }, { by: ['k', 'l'] }, { compute: { n: 'sum(x)' } }];
    for (const options of others) expect(fingerprint(options)).not.toEqual(fingerprint({}));
  });

  it('say how records must be brought together', () => {
    const grouping = (by: unknown): unknown => window.state.grouping(bound({ by }), 'main');
    expect(grouping(undefined)).toEqual({ by: 'nothing' });
    expect(grouping(['$key'])).toEqual({ by: 'key' });
    const values = grouping(['a', '$key']) as { keyOf(record: unknown): string };
    expect(values).toMatchObject({ by: 'values', texts: ['a', '$key'] });
    expect(values.keyOf(recordWith({ a: 1 }, 0, 'x'))).toBe('[1,"x"]');
    expect(values.keyOf(recordWith({}, 0))).toBe('[null,null]');
    const mapped = grouping({ low: 'lower(a)' }) as { keyOf(record: unknown): string };
    expect(mapped).toMatchObject({ by: 'values', texts: ['lower(a)'] });
    expect(mapped.keyOf(recordWith({ a: 'X' }, 0))).toBe('x');
  });
});
