import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generateAll } from '../../src/config/index.ts';
import { registry } from './registry.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const files = generateAll(registry, readFileSync(pathOf('config/default.yaml'), 'utf8'));

describe('generated files (npm run generate)', () => {
  it.each([...files])('%s is as generated', (name, content) => {
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(dirname(pathOf(name)), { recursive: true });
      writeFileSync(pathOf(name), content);
    }
    expect(readFileSync(pathOf(name), 'utf8')).toBe(content);
  });

  it('describes every option', () => {
    const undescribed = [...files]
      .filter(([name]) => name.startsWith('docs/'))
      .flatMap(([, text]) => text.split('\n').filter((line) => /^\| `[^|]*\|[^|]*\|[^|]*\|\s*\|$/.test(line)));
    expect(undescribed).toEqual([]);
  });
});
