import { describe, expect, it } from 'vitest';
import { learnShape } from './json-shape.ts';

const learn = (json: string): ReturnType<typeof learnShape> => learnShape(Buffer.from(json));

describe('learnShape', () => {
  it('takes texts and numbers out of what they stand in', () => {
    const shape = learn('{"a":{"b":"x","c":[1,true,null]},"message":"m","d":-5}');
    expect(shape?.literals.map(({ bytes }) => bytes.toString())).toEqual([
      '{"a":{"b":"',
      '","c":[',
      ',true,null]},"message":"',
      '","d":',
      '}',
    ]);
    expect(shape?.slots).toEqual(['text', 'integer', 'message', 'integer']);
    expect(shape).toMatchObject({ before: true, after: true, names: ['a', 'message', 'd'] });
  });

  it.each([
    ['{"message":"m"', 'no JSON'],
    ['["message","m"]', 'no object'],
    ['{"a":"m"}', 'no message'],
    ['{"message":1}', 'a message that is no text'],
    ['{"a":{"message":"m"}}', 'a message that is not at the top'],
    ['{ "message":"m"}', 'blanks'],
    ['{"a":1.5,"message":"m"}', 'a fraction'],
    ['{"a":-0,"message":"m"}', 'a zero below zero'],
    ['{"a":1234567890123456,"message":"m"}', 'a number that is not exact'],
    ['{"\\u0061":1,"message":"m"}', 'a name with an escape'],
    ['{"é":1,"message":"m"}', 'a name beyond ASCII'],
    ['{"7":1,"message":"m"}', 'a name that JavaScript puts first'],
    ['{"a":1,"a":2,"message":"m"}', 'a name twice'],
    [`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`.replace('{"a":', '{"message":"m","a":'), 'too deep an object'],
    [
      JSON.stringify({ ...Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`n${i}`, 1])), message: 'm' }),
      'too many names',
    ],
  ])('does not learn %.30s: %s', (json) => {
    expect(learn(json)).toBeUndefined();
  });
});
