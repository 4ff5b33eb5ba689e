import { expect, it } from 'vitest';
import { isOfMillrace, thrownText } from './thrown.ts';

function withStack(...places: readonly string[]): Error {
  return Object.assign(new Error('made up'), {
    stack: ['Error: made up', ...places.map((place) => `    at ${place}`)].join('\n'),
  });
}

it('says where in a package something was thrown, whatever its stack holds', () => {
  expect(thrownText(withStack('/packages/one/main.js:1:2'))).toBe('made up, at /packages/one/main.js:1:2');
  expect(thrownText(withStack('f (file:///packages/one/main.js:1:2)'))).toBe('made up, at f (/packages/one/main.js:1:2)');
  expect(thrownText(withStack('node:internal/timers:545:9'))).toBe('made up');
  for (const place of ['file://host/main.js:1:2', 'file:///%zz/main.js:1:2', 'file://host/main.js?millrace=1:1:2']) {
    const error = withStack(place);
    expect([place, thrownText(error), isOfMillrace(error)]).toEqual([place, expect.stringMatching(/^made up, at /), false]);
  }
  expect(isOfMillrace(new Error('made here'))).toBe(true);
});
