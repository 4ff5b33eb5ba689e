import { ALL, type CharacterSet, NONE } from './character-set.ts';
import type { Node } from './syntax-tree.ts';

/** What is matched after a node: the next node, and what comes after that. `undefined`: the end, where all has matched. */
export type Rest = { readonly node: Node; readonly rest: Rest } | undefined;

const firsts = new WeakMap<Node, CharacterSet>();
const nullables = new WeakMap<Node, boolean>();

/** The characters that a match of the node may begin with. */
export function firstOf(node: Node): CharacterSet {
  let first = firsts.get(node);
  if (first === undefined) {
    first = findFirst(node);
    firsts.set(node, first);
  }
  return first;
}

function findFirst(node: Node): CharacterSet {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'test':
      return NONE;
    case 'alternatives':
      return node.parts.reduce((set, part) => set | firstOf(part), NONE);
    case 'repeat':
      return firstOf(node.of);
    case 'sequence': {
      let set = NONE;
      for (const part of node.parts) {
        set |= firstOf(part);
        if (!isNullable(part)) break;
      }
      return set;
    }
  }
}

/** Whether the node may match without taking a character. */
export function isNullable(node: Node): boolean {
  let nullable = nullables.get(node);
  if (nullable === undefined) {
    nullable = findNullable(node);
    nullables.set(node, nullable);
  }
  return nullable;
}

function findNullable(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'test':
      return true;
    case 'alternatives':
      return node.parts.some(isNullable);
    case 'sequence':
      return node.parts.every(isNullable);
    case 'repeat':
      return node.least === 0 || isNullable(node.of);
  }
}

/** Whether the node matches at every place, and so never makes what is before it match otherwise. */
function matchesAnywhere(node: Node): boolean {
  switch (node.kind) {
    case 'set':
    case 'test':
      return false;
    case 'alternatives':
      return node.parts.some(matchesAnywhere);
    case 'sequence':
      return node.parts.every(matchesAnywhere);
    case 'repeat':
      return node.least === 0 || matchesAnywhere(node.of);
  }
}

/** Whether nothing that comes next can fail. */
export function cannotFail(rest: Rest): boolean {
  for (let here = rest; here !== undefined; here = here.rest) if (!matchesAnywhere(here.node)) return false;
  return true;
}

/**
 * The characters that what comes next may begin with. What may match nothing at the end of the pattern needs no
 * character, and the first way to match is taken there, so the end adds none.
 */
export function firstOfRest(rest: Rest): CharacterSet {
  let set = NONE;
  for (let here = rest; here !== undefined; here = here.rest) {
    set |= firstOf(here.node);
    if (!isNullable(here.node)) break;
  }
  return set;
}

/** Steps of a search for what comes second: repetitions of what may be empty would go round for ever. */
const MOST_STEPS = 1000;

/** The characters that may come second where `rest` begins with one of `first`; all, where that takes too long to find. */
export function secondOfRest(rest: Rest, first: CharacterSet): CharacterSet {
  const search = { first, steps: 0 };
  const found = seconds(rest, search);
  return search.steps > MOST_STEPS ? ALL : found;
}

interface Search {
  readonly first: CharacterSet;
  steps: number;
}

function seconds(rest: Rest, search: Search): CharacterSet {
  let set = NONE;
  for (let here = rest; here !== undefined; here = here.rest) {
    set |= secondOf(here.node, here.rest, search);
    if (!isNullable(here.node)) break;
  }
  return set;
}

function secondOf(node: Node, rest: Rest, search: Search): CharacterSet {
  search.steps += 1;
  if (search.steps > MOST_STEPS || (firstOf(node) & search.first) === NONE) return NONE;
  switch (node.kind) {
    case 'set':
      return endsThere(rest) ? ALL : firstOfRest(rest);
    case 'test':
      return NONE;
    case 'alternatives':
      return node.parts.reduce((set, part) => set | secondOf(part, rest, search), NONE);
    case 'sequence':
      return seconds(
        node.parts.reduceRight<Rest>((after, part) => ({ node: part, rest: after }), rest),
        search,
      );
    case 'repeat': {
      const again: Node = { kind: 'repeat', of: node.of, least: 0, most: node.most };
      return secondOf(node.of, node.most > 1 ? { node: again, rest } : rest, search);
    }
  }
}

function endsThere(rest: Rest): boolean {
  for (let here = rest; here !== undefined; here = here.rest) if (!isNullable(here.node)) return false;
  return true;
}
