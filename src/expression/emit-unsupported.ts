import type { AssignmentExpression } from 'acorn';
import type { AnyExpression, Emitted } from './emitted.ts';
import type { Emitter } from './emitter.ts';

/** Syntax of JavaScript that is left out: what it is called, and what to write instead. */
const LEFT_OUT: ReadonlyMap<string, readonly [what: string, instead: string]> = new Map([
  ['TemplateLiteral', ['a template literal', "join texts with +: 'logs-' + service.name"]],
  ['TaggedTemplateExpression', ['a template literal', "join texts with +: 'logs-' + service.name"]],
  ['ChainExpression', ['?.', 'a missing field is no error: write a.b']],
  ['ArrowFunctionExpression', ['a function', 'write the expression alone; for >= (at least) the > comes first']],
  ['FunctionExpression', ['a function', 'functions come from plugins']],
  ['ClassExpression', ['a class', 'a field of that name is $value.class']],
  ['NewExpression', ['new', 'call a listed function']],
  ['ThisExpression', ['this', 'the record is $value; a field of that name is $value.this']],
  ['SequenceExpression', ['a comma between expressions', 'write a list: [a, b]']],
  ['UpdateExpression', ['++ and --', 'write x + 1']],
  ['SpreadElement', ['...', 'name the elements']],
  ['AwaitExpression', ['await', 'an expression cannot wait']],
  ['YieldExpression', ['yield', 'an expression cannot wait']],
  ['ImportExpression', ['import', 'functions come from plugins']],
  ['MetaProperty', ['import.meta', 'call a listed function']],
  ['Super', ['super', 'a field of that name is $value.super']],
]);

/** Notes that the syntax is left out, and what to write in its place. */
export function emitUnsupported(emitter: Emitter, node: AnyExpression): Emitted {
  if (node.type === 'AssignmentExpression') return refuseAssignment(emitter, node);
  const [what, instead] = LEFT_OUT.get(node.type) ?? ['this', 'it is not part of the language'];
  return emitter.report('EXPRESSION_UNSUPPORTED', node, { what, instead });
}

/** An assignment is most often meant as a comparison, or (`a =~ b`) as the match operator of other languages. */
function refuseAssignment(emitter: Emitter, node: AssignmentExpression): Emitted {
  const start = emitter.text.indexOf(node.operator, node.left.end);
  const sign = { start, end: start + node.operator.length };
  if (node.operator === '=' && emitter.text[start + 1] === '~') {
    return emitter.report(
      'EXPRESSION_UNSUPPORTED',
      { start, end: start + 2 },
      { what: '=~', instead: 'write matches(text, /pattern/)' },
    );
  }
  emitter.emit(node.right);
  if (node.operator === '=') {
    return emitter.report('EXPRESSION_UNSUPPORTED', sign, { what: 'a single =', instead: 'write === to compare' }, '===');
  }
  return emitter.report('EXPRESSION_UNSUPPORTED', sign, {
    what: node.operator,
    instead: 'an expression changes nothing; `map` assigns',
  });
}
