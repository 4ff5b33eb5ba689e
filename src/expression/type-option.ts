import type { CompiledOption } from '../sdk/option.ts';
import { ANY, type FieldType, STRING, textOf } from '../sdk/types/index.ts';
import { emitStatements } from './compile-map.ts';
import { MatchEmitter } from './compile-match.ts';
import { templateParts } from './compile-template.ts';
import { ResultEmitter } from './emit-aggregate.ts';
import { BROKEN } from './emitted.ts';
import { Emitter } from './emitter.ts';
import { narrow } from './narrowing/facts.ts';
import type { Narrowed } from './narrowing/narrow-path.ts';
import { MET, UNMET } from './narrowing/outcome.ts';
import { type Proving, proofOf } from './narrowing/proof.ts';
import { parseBounded } from './parser.ts';
import type { ExpressionProblem } from './problem.ts';
import type { ExpressionScope } from './scope.ts';

/** What the types of a record say of an option that has been compiled. */
export interface TypedOption extends FieldType {
  readonly problems: readonly ExpressionProblem[];
  /** What is known of what it is evaluated against where it is `true`, and where it is not. */
  narrowed(isTrue: boolean): Narrowed;
}

/** The type of an option's value, and what is wrong with it where the record is as the scope says. A `map` program's is the record behind it. */
export function typeOption(option: CompiledOption, scope: ExpressionScope): TypedOption {
  const emitter = emitterFor(option, scope);
  const emitted = emitTyped(emitter, option);
  const { type, present } = emitted;
  const narrowed = (isTrue: boolean): Narrowed => narrow(emitter.record ?? ANY, proofOf(emitted, isTrue ? MET : UNMET));
  return { type, always: present, problems: emitter.problems.toSorted((a, b) => a.offset - b.offset), narrowed };
}

function emitterFor({ language, elements }: CompiledOption, scope: ExpressionScope): Emitter {
  if (language === 'aggregate') return new ResultEmitter(scope);
  return language === 'match' ? new MatchEmitter({ ...scope, elements }) : new Emitter(scope);
}

function emitTyped(emitter: Emitter, { language, text }: CompiledOption): Proving {
  if (language === 'map') {
    emitStatements(emitter, text);
    return { type: emitter.record ?? ANY, present: true };
  }
  if (language === 'template' || language === 'url') return templateType(text, emitter, language);
  emitter.text = text;
  const parsed = parseBounded(text);
  return 'problem' in parsed ? BROKEN : emitter.emit(parsed.node);
}

/** An expression alone keeps its type; an address is missing where a part of it is. */
function templateType(text: string, emitter: Emitter, language: 'template' | 'url'): Proving {
  const parts = templateParts(text, emitter) ?? [];
  const [first = { literal: '' }] = parts;
  if (language === 'url') return { type: STRING, present: parts.every((part) => 'literal' in part) };
  if (parts.length > 1) return { type: STRING, present: true };
  return 'literal' in first ? { type: textOf(first.literal), present: true } : first.emitted;
}
