import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldPath, secret, template } from '../sdk/schema.ts';
import { showOptions } from './redact.ts';

const schema = z.strictObject({
  user: z.string(),
  password: secret().optional(),
  keys: z.array(secret()).default([]),
  auth: z.union([z.strictObject({ token: secret() }), z.strictObject({ user: z.string() })]).optional(),
  headers: z.record(z.string(), secret()).default({}),
  fields: z.array(fieldPath()).default([]),
  field: fieldPath().prefault('a.b'),
  text: template().optional(),
  url: z.string().optional(),
});

describe('showOptions', () => {
  it('masks secrets wherever they are', () => {
    const value = schema.parse({
      user: 'me',
      password: 'hunter2',
      keys: ['hunter2'],
      auth: { token: 'hunter2' },
      headers: { a: 'hunter2' },
      url: 'http://me:hunter2@host/',
    });
    const shown = showOptions(schema, value);
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown).toMatchObject({
      user: 'me',
      password: '******',
      keys: ['******'],
      auth: { token: '******' },
      headers: { a: '******' },
      url: 'http://******@host/',
    });
  });

  it('shows paths and expressions as they are written', () => {
    const value = schema.parse({ user: 'me', fields: ['a.b', 'c'], text: '{{ x }}' });
    expect(showOptions(schema, value)).toEqual({
      user: 'me',
      keys: [],
      headers: {},
      fields: ['a.b', 'c'],
      field: 'a.b',
      text: '{{ x }}',
    });
  });
});
