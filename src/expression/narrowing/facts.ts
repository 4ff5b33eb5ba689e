import type { FieldPath } from '../../record/path.ts';
import type { RecordType } from '../../sdk/types/index.ts';
import { bothFacts, eitherFact, type Fact } from './fact.ts';
import { type Narrowed, narrowPath } from './narrow-path.ts';

interface PathFact {
  readonly path: FieldPath;
  readonly fact: Fact;
}

/** What is proved of fields, by their paths; or that it can't be. */
export type Facts = ReadonlyMap<string, PathFact> | 'impossible';

/** Nothing is proved. */
export const NO_FACTS: Facts = new Map();
export const IMPOSSIBLE: Facts = 'impossible';

export function factOf(path: FieldPath, fact: Fact): Facts {
  return new Map([[JSON.stringify(path), { path, fact }]]);
}

/** What is proved where all of them hold. */
export function allOf(...given: readonly Facts[]): Facts {
  return given.reduce(both, NO_FACTS);
}

function both(a: Facts, b: Facts): Facts {
  if (a === 'impossible' || b === 'impossible') return IMPOSSIBLE;
  if (a.size === 0 || b.size === 0) return a.size === 0 ? b : a;
  const all = new Map(a);
  for (const [key, { path, fact }] of b) {
    const known = all.get(key);
    const joined = known === undefined ? fact : bothFacts(known.fact, fact);
    if (joined === undefined) return IMPOSSIBLE;
    all.set(key, { path, fact: joined });
  }
  return all;
}

/** What is proved where one of them holds. */
export function eitherOf(a: Facts, b: Facts): Facts {
  if (a === 'impossible' || b === 'impossible') return a === 'impossible' ? b : a;
  const shared = new Map<string, PathFact>();
  for (const [key, { path, fact }] of a) {
    const other = b.get(key);
    if (other !== undefined) shared.set(key, { path, fact: eitherFact(fact, other.fact) });
  }
  return shared;
}

/** What is known of records of a type of which something is proved besides. */
export function narrow(record: RecordType, facts: Facts): Narrowed {
  if (facts === 'impossible') return { type: record, possible: false };
  let narrowed: Narrowed = { type: record, possible: true };
  for (const { path, fact } of facts.values()) {
    const { type, possible } = narrowPath(narrowed.type, path, fact);
    narrowed = { type, possible: narrowed.possible && possible };
  }
  return narrowed;
}
