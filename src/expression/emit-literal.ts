import type { ArrayExpression, Literal, ObjectExpression, Property, SpreadElement } from 'acorn';
import { BOOLEAN, type FieldType, listOf, NULL, NUMBER, objectType, oneOf, type RecordType, textOf } from '../sdk/types/index.ts';
import { FORBIDDEN_NAMES } from './access.ts';
import { BROKEN, type Emitted } from './emitted.ts';
import type { Emitter } from './emitter.ts';
import type { Scalar } from './narrowing/outcome.ts';
import { orNull } from './operators.ts';

/** Elements of a list or fields of an object that are written out. */
const MOST_ELEMENTS = 1000;

/** A text as JavaScript; the two line ends that JSON does not escape are. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

export function emitLiteral(emitter: Emitter, node: Literal): Emitted {
  const { value } = node;
  if (node.regex) {
    return emitter.report('EXPRESSION_UNSUPPORTED', node, {
      what: 'a regular expression outside a call',
      instead: `write matches(text, ${emitter.source(node)})`,
    });
  }
  const written = { present: true, literal: { value: value as Scalar } };
  if (value === null) return { code: 'null', type: NULL, ...written };
  if (typeof value === 'string') return { code: quote(value), type: textOf(value), ...written };
  if (typeof value === 'boolean') return { code: String(value), type: BOOLEAN, ...written };
  if (typeof value === 'number' && Number.isFinite(value)) return { code: `(${value})`, type: NUMBER, ...written };
  return emitter.report('EXPRESSION_UNSUPPORTED', node, {
    what: `the number ${emitter.source(node)}`,
    instead: 'numbers are those of JSON, 64-bit floating point',
  });
}

/** A list is made anew at each evaluation, so that a step that changes the field it went into changes no other record. */
export function emitList(emitter: Emitter, node: ArrayExpression): Emitted {
  if (node.elements.length > MOST_ELEMENTS) return tooLong(emitter, node, 'list');
  const elements = node.elements.map((element) => {
    if (element === null)
      return emitter.report('EXPRESSION_SYNTAX', node, { reason: 'an element is missing between two commas' });
    return filled(emitter, emitter.emit(element));
  });
  const type = listOf(oneOf(...elements.map((element) => element.type)));
  return { code: `[${elements.map(({ code }) => code).join(',')}]`, type, present: true };
}

export function emitObject(emitter: Emitter, node: ObjectExpression): Emitted {
  if (node.properties.length > MOST_ELEMENTS) return tooLong(emitter, node, 'object');
  const types = new Map<string, FieldType>();
  const fields = node.properties.map((property) => emitField(emitter, property, types));
  return { code: `({${fields.join(',')}})`, type: objectType(types), present: true };
}

function emitField(emitter: Emitter, property: Property | SpreadElement, types: Map<string, FieldType>): string {
  if (property.type === 'SpreadElement') return emitter.emit(property).code;
  const { key, value } = property;
  const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined;
  if (name === undefined || property.computed || property.method || property.kind !== 'init') {
    emitter.report('EXPRESSION_UNSUPPORTED', property, {
      what: 'this field of an object',
      instead: "write name: value or 'odd-name': value",
    });
    return '';
  }
  if (FORBIDDEN_NAMES.has(name)) {
    emitter.report('EXPRESSION_FORBIDDEN_NAME', key, { name });
    return '';
  }
  const { code, type } = filled(emitter, emitter.emit(value));
  types.set(name, { type, always: true });
  return `${quote(name)}:${code}`;
}

/** JSON has no missing value. */
function filled(emitter: Emitter, emitted: Emitted): { readonly code: string; readonly type: RecordType } {
  if (emitted.present) return emitted;
  return { code: `${emitter.constant(orNull)}(${emitted.code})`, type: oneOf(emitted.type, NULL) };
}

function tooLong(emitter: Emitter, node: ArrayExpression | ObjectExpression, what: string): Emitted {
  emitter.report('EXPRESSION_TOO_LARGE', node, { what, reason: `it has more than ${MOST_ELEMENTS} entries` });
  return BROKEN;
}
