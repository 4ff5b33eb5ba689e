import { describe, expect, it } from 'vitest';
import { planted } from './planted.ts';

const outcomes = (put: string, find = "{ kind: 'absorbed' };"): string =>
  planted(new URL('../../src/sdk/operator.ts', import.meta.url).pathname, [{ file: 'src/sdk/operator.ts', find, put }]);

describe('a planted fault', () => {
  it('is in the module that is imported with it, and nowhere else', async () => {
    const wrong = (await import(outcomes("{ kind: 'absorbed', wrong: 1 };"))) as typeof import('../../src/sdk/operator.ts');
    const right = await import('../../src/sdk/operator.ts');
    expect(wrong.ABSORBED).toEqual({ kind: 'absorbed', wrong: 1 });
    expect(right.ABSORBED).toEqual({ kind: 'absorbed' });
  });

  it('is an error where its place is not found once', async () => {
    await expect(import(outcomes('', 'no such text'))).rejects.toThrow(/0 times, not once/);
    await expect(import(outcomes('', 'readonly'))).rejects.toThrow(/times, not once/);
  });
});
