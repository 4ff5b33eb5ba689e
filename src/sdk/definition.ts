import { MillraceError, ownField } from '../errors/index.ts';

/** What a plugin may define. */
export type DefinitionKind = 'step' | 'source' | 'sink' | 'function' | 'parser';

const KIND = Symbol.for('millrace.definition');

/** The definition, marked so that it is found among the exports of a plugin. */
export function marked<Definition extends object>(kind: DefinitionKind, definition: Definition): Definition {
  return { ...definition, [KIND]: kind };
}

const PLUGIN = Symbol.for('millrace.plugin');

/** The definition, marked as one of a plugin. */
export function ofPlugin<Definition extends object>(definition: Definition): Definition {
  return { ...definition, [PLUGIN]: true };
}

export function isOfPlugin(definition: object): boolean {
  return PLUGIN in definition;
}

/** What kind of definition it is; `undefined`: it was made by no `define...` of the SDK. */
export function definitionKindOf(value: unknown): DefinitionKind | undefined {
  return ownField(value, KIND) as DefinitionKind | undefined;
}

/** Refuses a definition that no types have kept from being wrong: plugins may be plain JavaScript. Throws PLUGIN_DEFINITION. */
export function assertDefined(
  kind: string,
  name: unknown,
  parts: readonly (readonly [part: string, problem: string | undefined])[],
) {
  const wrong = parts.find(([, problem]) => problem !== undefined);
  if (wrong === undefined) return;
  const [part, problem] = wrong;
  throw new MillraceError('PLUGIN_DEFINITION', { kind, name: JSON.stringify(name) ?? 'nothing', reason: `"${part}" ${problem}` });
}

export function textProblem(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? undefined : 'must be a text';
}

export function functionProblem(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : 'must be a function';
}

export function schemaProblem(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && '_zod' in value ? undefined : 'must be a Zod schema';
}

/** What pipeline files write for it: `bot-score`, `my_format`. */
export function keyProblem(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(value)
    ? undefined
    : 'must be of small letters and digits, with - or _ between them';
}
