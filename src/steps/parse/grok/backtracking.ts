import { type CharacterSet, NONE, type PairCounter, pairCounter } from './character-set.ts';
import { cannotFail, firstOfRest, isNullable, type Rest, secondOfRest } from './first-characters.ts';
import { type Node, readTree } from './syntax-tree.ts';

/**
 * How much work an expression can make of a text. A repetition that could stop at several places, because what follows
 * it fits there too, is a gap: `.*?` before `; ` may stop at each `; `. The work is at most the length, times the places
 * where a match may begin, times the places where each gap may stop.
 */
export interface Backtracking {
  /** Each counts the places of a text where so many gaps may stop. */
  readonly gaps: readonly { readonly count: PairCounter; readonly times: number }[];
  readonly gapCount: number;
  /** A repetition within a repetition that is ambiguous: no power of the length bounds it. */
  readonly unbounded: boolean;
  /** Whether a match can begin at the text's beginning only, or at a line's; else anywhere. */
  readonly anchor: 'text' | 'line' | undefined;
}

/** A repetition up to so many times is a constant factor. */
const FEW = 16;

/** Finds the gaps of an expanded pattern. */
export function analyse(source: string): Backtracking {
  const tree = readTree(source);
  const { gaps, aside, unbounded } = costOf(tree, undefined);
  const all = [...gaps, ...aside];
  const distinct = new Map<string, { stop: Gap; times: number }>();
  for (const stop of all) {
    const key = `${stop.at} ${stop.then}`;
    distinct.set(key, { stop, times: (distinct.get(key)?.times ?? 0) + 1 });
  }
  return {
    gaps: [...distinct.values()].map(({ stop, times }) => ({ count: pairCounter(stop.at, stop.then), times })),
    gapCount: all.length,
    unbounded,
    anchor: anchorOf(tree),
  };
}

/** Where a repetition may stop: before a character of one set that one of another set follows. */
interface Gap {
  readonly at: CharacterSet;
  readonly then: CharacterSet;
}

interface Cost {
  readonly gaps: readonly Gap[];
  /** The gaps of the worst look around: what is in one is not tried again once it has matched, so they do not add up. */
  readonly aside: readonly Gap[];
  readonly unbounded: boolean;
  /** Whether a text may match in several ways: no more than a factor, unless it is repeated. */
  readonly choice: boolean;
}

const NOTHING: Cost = { gaps: [], aside: [], unbounded: false, choice: false };

const larger = (a: readonly Gap[], b: readonly Gap[]): readonly Gap[] => (b.length > a.length ? b : a);

function costOf(node: Node, rest: Rest): Cost {
  switch (node.kind) {
    case 'set':
      return NOTHING;
    case 'test':
      return node.of === undefined ? NOTHING : costAside(node.of);
    case 'alternatives':
      return costOfAlternatives(node.parts, rest);
    case 'sequence':
      return costOfSequence(node.parts, rest);
    case 'repeat':
      return costOfRepeat(node, rest);
  }
}

function costAside(node: Node): Cost {
  const { gaps, aside, unbounded } = costOf(node, undefined);
  return { gaps: [], aside: [...gaps, ...aside], unbounded, choice: false };
}

function costOfSequence(parts: readonly Node[], rest: Rest): Cost {
  const costs: Cost[] = [];
  let after = rest;
  for (const part of parts.toReversed()) {
    costs.push(costOf(part, after));
    after = { node: part, rest: after };
  }
  return { ...anyOf(costs), gaps: costs.flatMap(({ gaps }) => gaps) };
}

function costOfAlternatives(parts: readonly Node[], rest: Rest): Cost {
  const costs = parts.map((part) => costOf(part, rest));
  const any = anyOf(costs);
  return { ...any, gaps: costs.map(({ gaps }) => gaps).reduce(larger, []), choice: any.choice || anyAlike(parts, rest) };
}

/** Whether two alternatives may begin with the same two characters. */
function anyAlike(parts: readonly Node[], rest: Rest): boolean {
  const ways = parts.map((node): Rest => ({ node, rest }));
  return ways.some((way, i) => ways.slice(i + 1).some((other) => shared(way, other) !== undefined));
}

/** Where both ways to go on from a place begin alike in two characters, the first of them; `undefined` where they do not. */
function shared(way: Rest, other: Rest): Gap | undefined {
  const at = firstOfRest(way) & firstOfRest(other);
  if (at === NONE) return undefined;
  const then = secondOfRest(other, at);
  return (secondOfRest(way, at) & then) === NONE ? undefined : { at, then };
}

function anyOf(costs: readonly Cost[]): Omit<Cost, 'gaps'> {
  return {
    aside: costs.map(({ aside }) => aside).reduce(larger, []),
    unbounded: costs.some(({ unbounded }) => unbounded),
    choice: costs.some(({ choice }) => choice),
  };
}

function costOfRepeat(node: Node & { kind: 'repeat' }, rest: Rest): Cost {
  const again: Rest = node.most > 1 ? { node: { ...node, least: 0 }, rest } : rest;
  const inside = costOf(node.of, again);
  const gap = node.least === node.most || cannotFail(rest) ? undefined : shared({ node: node.of, rest: again }, rest);
  if (node.most <= FEW) {
    const gaps = Array.from({ length: node.most }, () => inside.gaps).flat();
    return { ...inside, gaps, choice: inside.choice || gap !== undefined };
  }
  const nested = inside.gaps.length > 0 || inside.choice || isNullable(node.of);
  return {
    gaps: [...(gap === undefined ? [] : [gap]), ...inside.gaps],
    aside: inside.aside,
    unbounded: inside.unbounded || nested,
    choice: inside.choice || gap !== undefined,
  };
}

function anchorOf(node: Node): 'text' | 'line' | undefined {
  if (node.kind === 'test') return node.anchor;
  if (node.kind === 'sequence') return node.parts[0] === undefined ? undefined : anchorOf(node.parts[0]);
  return undefined;
}

/** The steps that matching `text` may take at most, as far as they can be told. It stops counting above `enough`. */
export function workOf(text: string, { gaps, unbounded, anchor }: Backtracking, enough: number): number {
  if (unbounded) return Number.POSITIVE_INFINITY;
  const { length } = text;
  let work = length * (anchor === undefined ? length : anchor === 'line' ? countLines(text) : 1);
  for (const { count, times } of gaps) {
    if (work > enough) return work;
    work *= (count(text) + 1) ** times;
  }
  return work;
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
