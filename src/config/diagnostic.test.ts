import { describe, expect, it } from 'vitest';
import { Diagnostics, formatDiagnostic, renderDiagnostic } from './diagnostic.ts';
import { SourceText, spanAt } from './source-text.ts';

const source = new SourceText('p.yaml', 'first: 1\n\tsecond: "hunter2"\r\nthird: https://me:hunter3@host\n');

describe('Diagnostics', () => {
  it('are sorted by position and said once', () => {
    const diagnostics = new Diagnostics();
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 9, 12), 'later');
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 0, 5), 'sooner', '"that"');
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 9, 12), 'later');
    expect(diagnostics.list().map(formatDiagnostic)).toEqual([
      'p.yaml:1:1: error CONFIG_INVALID_VALUE: sooner; did you mean "that"?',
      'p.yaml:2:1: error CONFIG_INVALID_VALUE: later',
    ]);
  });

  it('put carets under what is meant, also behind tabs', () => {
    const diagnostics = new Diagnostics();
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 10, 16), 'odd');
    const [, line, carets] = renderDiagnostic(diagnostics.list()[0] as never).split('\n');
    expect(line).toBe('  2 | \tsecond: "hunter2"');
    expect(carets).toBe('    | \t^^^^^^');
  });

  it('never show a secret, in the message or in the line', () => {
    const diagnostics = new Diagnostics();
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 18), 'hunter2 is wrong', 'hunter2!');
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 30), 'https://me:hunter3@host is wrong');
    diagnostics.hide('hunter2', spanAt(source, 18, 27));
    const text = diagnostics
      .list()
      .map((each) => renderDiagnostic(each))
      .join('\n');
    expect(text).not.toContain('hunter');
    expect(text).toContain('\tsecond: *********');
    expect(text).toContain('https://******@host is wrong');
  });

  it('cannot drive a terminal', () => {
    const diagnostics = new Diagnostics();
    diagnostics.report('CONFIG_INVALID_VALUE', spanAt(source, 0), 'red \u001b[31m\nand a new line');
    expect(formatDiagnostic(diagnostics.list()[0] as never)).toBe(
      'p.yaml:1:1: error CONFIG_INVALID_VALUE: red \uFFFD[31m and a new line',
    );
  });
});
