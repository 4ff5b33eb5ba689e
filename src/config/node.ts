import type { Span } from './source-text.ts';

/**
 * A configuration file as a tree that knows where everything stands. Variables are filled in and what YAML would
 * silently read as something else is gone, so that everything after this sees only mappings, lists and scalars.
 */
export type ConfigNode = ScalarNode | ListNode | MapNode | InvalidNode;

export interface ScalarNode extends Span {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** Written without quotes. */
  readonly plain: boolean;
  /** A comment after a plain scalar on its line, which may have been meant as a part of it: everything from the `#`. */
  readonly cutBy?: string;
  /** Some of it came from a secret file. */
  readonly secret: boolean;
  /** Where in the file the character `index` of a text value stands. */
  offsetOf(index: number): number;
}

export interface ListNode extends Span {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
}

export interface MapEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: ConfigNode;
}

export interface MapNode extends Span {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** Something already reported; it fits everywhere, so that one mistake is not reported twice. */
export interface InvalidNode extends Span {
  readonly kind: 'invalid';
}

export type PlainValue = string | number | boolean | null | undefined | PlainValue[] | { [key: string]: PlainValue };

/**
 * The tree without positions, as the schemas take it. Objects have no prototype; invalid parts are `undefined`.
 * `scalarValue`: what to take for a scalar in place of its own value.
 */
export function toPlain(node: ConfigNode, scalarValue: (node: ScalarNode) => PlainValue = (scalar) => scalar.value): PlainValue {
  switch (node.kind) {
    case 'scalar':
      return scalarValue(node);
    case 'list':
      return node.items.map((item) => toPlain(item, scalarValue));
    case 'map': {
      const object: { [key: string]: PlainValue } = Object.create(null) as { [key: string]: PlainValue };
      for (const { key, value } of node.entries.values()) object[key] = toPlain(value, scalarValue);
      return object;
    }
    case 'invalid':
      return undefined;
  }
}

/** Where a path leads: as deep as it goes, with the key passed last. */
export interface Located {
  readonly node: ConfigNode;
  /** The key whose value the node is, where it has one. */
  readonly entry: MapEntry | undefined;
  /** The parts of the path that lead on from the node and are not there. */
  readonly rest: readonly PropertyKey[];
}

export function locate(root: ConfigNode, path: readonly PropertyKey[]): Located {
  let node = root;
  let entry: MapEntry | undefined;
  for (const [depth, part] of path.entries()) {
    const next: MapEntry | ConfigNode | undefined = child(node, part);
    if (next === undefined) return { node, entry, rest: path.slice(depth) };
    entry = 'value' in next && 'keySpan' in next ? next : undefined;
    node = entry === undefined ? (next as ConfigNode) : entry.value;
  }
  return { node, entry, rest: [] };
}

function child(node: ConfigNode, part: PropertyKey): MapEntry | ConfigNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(part));
  if (node.kind === 'list' && typeof part === 'number') return node.items[part];
  return undefined;
}

/** `path` as people write it: `steps[2].set`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text;
}

/** What a value is, in words: for "must be a number, not ...". Only numbers and booleans are quoted. */
export function describeNode(node: ConfigNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'invalid') return 'empty';
  if (node.value === null) return 'null';
  if (typeof node.value === 'string') return 'text';
  return node.secret ? `a ${typeof node.value}` : `the ${typeof node.value} ${node.value}`;
}
