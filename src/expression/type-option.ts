import type { CompiledOption } from '../sdk/option.ts';
import { ANY, type FieldType, STRING, textOf } from '../sdk/types/index.ts';
import { emitStatements } from './compile-map.ts';
import { MatchEmitter } from './compile-match.ts';
import { templateParts } from './compile-template.ts';
import { ResultEmitter } from './emit-aggregate.ts';
import { Emitter } from './emitter.ts';
import { parseBounded } from './parser.ts';
import type { ExpressionProblem } from './problem.ts';
import type { ExpressionScope } from './scope.ts';

/** What the types of a record say of an option that has been compiled. */
export interface TypedOption extends FieldType {
  readonly problems: readonly ExpressionProblem[];
}

/** The type of an option's value, and what is wrong with it where the record is as the scope says. A `map` program's is the record behind it. */
export function typeOption(option: CompiledOption, scope: ExpressionScope): TypedOption {
  const emitter = emitterFor(option, scope);
  const { type, always } = typeWith(emitter, option);
  return { type, always, problems: emitter.problems.toSorted((a, b) => a.offset - b.offset) };
}

function emitterFor({ language, elements }: CompiledOption, scope: ExpressionScope): Emitter {
  if (language === 'aggregate') return new ResultEmitter(scope);
  return language === 'match' ? new MatchEmitter({ ...scope, elements }) : new Emitter(scope);
}

function typeWith(emitter: Emitter, { language, text }: CompiledOption): FieldType {
  if (language === 'map') {
    emitStatements(emitter, text);
    return { type: emitter.record ?? ANY, always: true };
  }
  if (language === 'template' || language === 'url') return templateType(text, emitter, language);
  emitter.text = text;
  const parsed = parseBounded(text);
  if ('problem' in parsed) return { type: ANY, always: false };
  const { type, present } = emitter.emit(parsed.node);
  return { type, always: present };
}

/** An expression alone keeps its type; an address is missing where a part of it is. */
function templateType(text: string, emitter: Emitter, language: 'template' | 'url'): FieldType {
  const parts = templateParts(text, emitter) ?? [];
  const [first = { literal: '' }] = parts;
  if (language === 'url') return { type: STRING, always: parts.every((part) => 'literal' in part) };
  if (parts.length > 1) return { type: STRING, always: true };
  return 'literal' in first
    ? { type: textOf(first.literal), always: true }
    : { type: first.emitted.type, always: first.emitted.present };
}
