import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** In messages, longer texts are cut. */
const LONGEST = 200;

/** A text as YAML would have it in quotes, on one line. */
export function quoted(text: string): string {
  const whole = text.replaceAll(/\s*\n\s*/g, ' ');
  const line = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}...` : whole;
  const plain = !line.includes('"') && !line.includes('\\');
  return plain ? `"${line}"` : `'${line.replaceAll("'", "''")}'`;
}

/** `{{ x }}` without quotes is a mapping whose key is a mapping; nobody writes that on purpose. */
export function isUnquotedTemplate(node: Node): boolean {
  return isMap(node) && node.flow === true && node.items.length > 0 && isMap(node.items[0]?.key);
}

/** A call has no more parts, and a file no more of such mistakes at a time: bounds for the search. */
const MOST_PARTS = 20;
const MOST_SPLITS = 50;

type Extent = readonly [start: number, end: number];

/**
 * In `[ max(a, b) ]` and `{ x: max(a, b) }` YAML splits at the comma inside the call. Finds such stretches of items
 * and gives where the whole text stands. Texts in quotes split that way (`f == 'a, b'`) count as well.
 */
export function splitTexts(node: Node, text: string): Extent[] {
  if (!(isMap(node) || isSeq(node)) || node.flow !== true) return [];
  const items = node.items.map((item) => extentOf(item as Node | Pair));
  const splits: Extent[] = [];
  for (let i = 0; i + 1 < items.length && splits.length < MOST_SPLITS; i += 1) {
    const first = items[i];
    if (first === undefined || !isOpen(text.slice(...first))) continue;
    const after = items.slice(i + 1, i + 1 + MOST_PARTS);
    const last = i + 1 + after.findIndex((item) => item !== undefined && !isOpen(text.slice(first[0], item[1])));
    if (last === i) continue;
    const closing = items[last];
    if (closing === undefined) continue;
    splits.push([first[0], closing[1]]);
    i = last;
  }
  return splits;
}

/** Where an item's plain text stands; `undefined` for one that is quoted or no text. */
function extentOf(item: Node | Pair): Extent | undefined {
  if (isScalar(item)) return item.type === 'PLAIN' && item.range ? [item.range[0], item.range[1]] : undefined;
  const { key, value } = item as Pair<Node, Node | null>;
  if (isScalar(value)) return extentOf(value);
  return value === null && isScalar(key) ? extentOf(key) : undefined;
}

/** Whether a round bracket, or a quote that begins a word, is still open at the end. */
function isOpen(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i] as string;
    if ((character === "'" || character === '"') && /[\s(=,<>!+]/.test(text[i - 1] ?? 'x')) {
      const end = text.indexOf(character, i + 1);
      if (end === -1) return true;
      i = end;
    } else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
  }
  return depth > 0;
}
