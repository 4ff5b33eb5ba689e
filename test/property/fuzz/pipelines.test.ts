import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { type LoadedPipeline, loadPipeline, renderDiagnostic } from '../../../src/config/index.ts';
import { errors } from '../../../src/errors/index.ts';
import { describePipeline, toMermaid, toText } from '../../../src/topology/index.ts';
import { environment } from '../../golden/golden.ts';
import { registry } from '../../golden/registry.ts';
import { editorComplaints } from '../../support/editor-schema.ts';
import { runCampaign } from './campaign.ts';
import { mutated } from './pipeline-mutations.ts';
import { timed } from './try-expression.ts';

/** Pipeline files with mistakes in them are read: each gives a pipeline or diagnostics that stand in the file, in bounded time. */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const filesOf = (folder: string): string[] =>
  readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
    .map((name) => readFileSync(`${ROOT}${folder}/${name}`, 'utf8'));
const SOUND = [...filesOf('pipelines'), ...filesOf('test/golden/valid')];
const BROKEN = filesOf('test/golden/broken');

const load = (text: string): LoadedPipeline => loadPipeline('p.yaml', registry, { ...environment, readFile: () => text });

/** A file of several grok patterns takes a second when it is read for the first time: each is checked for backtracking. */
const SLOW_MS = 10_000;

function expectSound(loaded: LoadedPipeline, text: string): void {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const each of loaded.ok ? loaded.warnings : loaded.diagnostics) {
    expect(Object.hasOwn(errors, each.code)).toBe(true);
    expect(each.line).toBeGreaterThanOrEqual(1);
    expect(each.line).toBeLessThanOrEqual(lines.length);
    expect(each.column).toBeGreaterThanOrEqual(1);
    expect(each.column - 1).toBeLessThanOrEqual((lines[each.line - 1] as string).length);
    expect(each.length).toBeGreaterThanOrEqual(1);
    expect(renderDiagnostic(each)).toMatch(/^p\.yaml:\d+:\d+: (error|warning) [A-Z_]+: \S/);
    // Nothing that could drive a terminal.
    expect(renderDiagnostic(each).replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(/\p{Cc}/u);
    expect(each.message).not.toMatch(/\[object |\bundefined must\b/);
  }
  if (!loaded.ok) expect(loaded.diagnostics.some((each) => each.severity === 'error')).toBe(true);
}

/** What loads must not be marked by an editor; where the file is YAML to an editor at all (see editor-schema.test.ts). */
function expectEditorAgrees(text: string): void {
  const { errors, warnings } = parseDocument(text, { logLevel: 'silent' });
  if (errors.length === 0 && warnings.length === 0) expect(editorComplaints(text)).toEqual([]);
}

it('mutated pipeline files give a pipeline or diagnostics', async () => {
  let valid = 0;
  await runCampaign({
    cases: { ci: 250, full: 20_000 },
    attempt: (random) => {
      const text = mutated(random.of(random.chance(0.7) ? SOUND : BROKEN), random.of(SOUND), random);
      try {
        const loaded = timed('loading', () => load(text), SLOW_MS);
        expectSound(loaded, text);
        if (!loaded.ok) return;
        valid += 1;
        expectEditorAgrees(text);
        const description = describePipeline(loaded.pipeline);
        expect([toText(description), toMermaid(description)].every((shown) => shown.length > 0)).toBe(true);
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${text.slice(0, 6000)}\n`);
      }
    },
  });
  expect(valid).toBeGreaterThan(10);
}, 3_600_000);
