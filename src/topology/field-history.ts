import type { FieldPath } from '../record/path.ts';
import { ANY, getPath, isNever, type RecordType, typeText } from '../sdk/types/index.ts';
import type { Surroundings } from './step-typing.ts';
import { passStep } from './step-yield.ts';
import type { StepNode } from './types.ts';

/** Steps that set one field after the other, and see those before. */
const SETTERS: ReadonlySet<string> = new Set(['set', 'map']);

/** Finds behind which of the steps before a field is gone that was there. `behind`: what is known behind each of them, by its id. */
export function goneBehind(input: RecordType, behind: ReadonlyMap<string, RecordType>): (path: FieldPath) => string | undefined {
  return (path) => {
    let wasThere = isKnown(input, path);
    let gone: string | undefined;
    for (const [id, type] of behind) {
      const isThere = isKnown(type, path);
      if (wasThere && !isThere) gone = id;
      wasThere = isThere;
    }
    return gone === undefined ? undefined : `it is gone behind the step "${gone}"`;
  };
}

/**
 * Finds behind which of the steps before a field is of the type that it has, where that step only lets some records through: then those
 * that it keeps back are why.
 */
export function narrowedBehind(
  steps: readonly StepNode[],
  input: RecordType,
  behind: ReadonlyMap<string, RecordType>,
): (path: FieldPath, type: RecordType) => string | undefined {
  return (path, type) => {
    let before = typeText(getPath(input, path).type);
    let since: string | undefined;
    for (const { id, definition } of steps) {
      const known = behind.get(id);
      if (known === undefined) break;
      const text = typeText(getPath(known, path).type);
      if (text !== before) since = text === typeText(type) && !definition.changesValue ? id : undefined;
      before = text;
    }
    return since === undefined ? undefined : `behind the step "${since}"`;
  };
}

function isKnown(record: RecordType, path: FieldPath): boolean {
  const { type } = getPath(record, path);
  return type !== ANY && !isNever(type);
}

/** Finds which of a node's steps sets a field that is not there yet at the first of them. Only asked where there is a mistake. */
export function laterSetter(
  steps: readonly StepNode[],
  input: RecordType,
  surroundings: Surroundings,
): (path: FieldPath) => string | undefined {
  return (path) => {
    let here = input;
    for (const [i, step] of steps.entries()) {
      here = passStep(step, here, { when: surroundings, options: surroundings }).yielded;
      if (!isKnown(here, path)) continue;
      // Of the first, only one that sets one field after the other.
      if (i === 0 && !SETTERS.has(step.definition.kind)) return undefined;
      return i === 0 ? 'it is set only further down in this step' : `it is set by the step "${step.id}", which comes later`;
    }
    return undefined;
  };
}
