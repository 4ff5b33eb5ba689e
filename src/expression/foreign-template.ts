import { type ExpressionProblem, problem } from './problem.ts';

/** A field as Logstash puts it into a text: `%{host}`, `%{[log][level]}`. */
const WITHIN = /%\{(\[?@?[A-Za-z_][\w.@\][-]*)\}/g;
/** What may be a text as well, so that only a whole value is taken for a field: `{host}`, `$.host` (JSONPath). */
const WHOLE = /^(?:\{(@?[A-Za-z_][\w.@]*)\}|\$\.(@?[A-Za-z_][\w.@]*))$/g;

const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/** Parts of a template that are literals here, and fields in other tools: warnings with what is to be written. */
export function foreignFields(text: string): readonly ExpressionProblem[] {
  return [...text.matchAll(WITHIN), ...text.matchAll(WHOLE)].map((found) => {
    const [written] = found;
    const field = found.slice(1).find((name) => name !== undefined) as string;
    const instead = `{{ ${expressionOf(field)} }}`;
    const span = { start: found.index, end: found.index + written.length };
    return { ...problem('EXPRESSION_LITERAL', span, { written, instead }), severity: 'warning' };
  });
}

/** `[log][level]` and `log.level` alike; names that are none in an expression go by `$value`. */
function expressionOf(field: string): string {
  const names = field.split(/[.[\]]+/).filter((name) => name !== '');
  if (names.every((name) => PLAIN_NAME.test(name))) return names.join('.');
  return `$value${names.map((name) => `['${name}']`).join('')}`;
}
