import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkMembers } from '../../connectors/elasticsearch/members.ts';

describe('walkMembers', () => {
  it('finds the members that JSON.parse finds, and where their values begin', () => {
    const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(objects, fc.nat(3), fc.nat(9), (object, indent, before) => {
        const bytes = Buffer.from(`${'{'.repeat(before)}${JSON.stringify(object, null, indent)}`);
        const found: [string, number][] = [];
        expect(walkMembers(bytes, before, bytes.length, (name, at) => found.push([name, at]))).toBe(before + 1);
        expect(found.map(([name]) => name)).toEqual(Object.keys(JSON.parse(JSON.stringify(object)) as object));
        for (const [name, at] of found) {
          const rest = bytes.toString('utf8', at);
          expect(rest.startsWith(JSON.stringify(object[name])?.slice(0, 1) ?? '')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ends whatever the bytes are', () => {
    const chars = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', ' ', 'a', '1', '\n');
    fc.assert(
      fc.property(fc.array(chars, { maxLength: 30 }), (parts) => {
        const bytes = Buffer.from(parts.join(''));
        const first = walkMembers(bytes, 0, bytes.length, (_, at) => expect(at).toBeLessThanOrEqual(bytes.length));
        expect(first).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
