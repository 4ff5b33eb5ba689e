import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';

const shared = (name: string): string => fileURLToPath(new URL(`../../../shared/data/nexmark/${name}`, import.meta.url));

/** 10,000 events of NEXMark's own generator, and the answers to its queries. See the notes beside them. */
export const NEXMARK_EVENTS: string = shared('events_inorder.ndjson');
const ANSWERS = shared('expected_inorder.json');
export const hasNexmark: boolean = existsSync(NEXMARK_EVENTS) && existsSync(ANSWERS);

export type Row = readonly (JsonValue | undefined)[];

/** The rows of a query's answer, in {@link inOrder}. */
export function answerTo(query: string): Row[] {
  const answers = JSON.parse(readFileSync(ANSWERS, 'utf8')) as Record<string, { rows: Row[] }>;
  const answer = answers[query];
  if (answer === undefined) throw new Error(`there is no answer to ${query}`);
  return inOrder(answer.rows);
}

/** Rows have no order of their own: sorted by their text. */
export function inOrder(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

const ms = (text: JsonValue | undefined): number => Date.parse(text as string);

interface Windowed extends JsonObject {
  readonly window: { readonly start: string; readonly end: string };
}

/** How the results of each worked pipeline read as rows of NEXMark's answers. */
export const rowOf: Readonly<Record<'q5' | 'q7' | 'q8' | 'q11' | 'q12', (result: JsonObject) => Row>> = {
  q5: (result) => {
    const { window, auction, bids } = result as Windowed & { auction: number; bids: number };
    return [ms(window.start), ms(window.end), auction, bids];
  },
  q7: ({ auction, price, bidder, ts, highest }) => [auction, price, bidder, ts, ms((highest as Windowed).window.end)],
  q8: ({ id, name, window }) => [id, name, ms((window as JsonObject)['start'])],
  q11: countRow,
  q12: countRow,
};

function countRow(result: JsonObject): Row {
  const { window, bidder, bids } = result as Windowed & { bidder: number; bids: number };
  return [bidder, bids, ms(window.start), ms(window.end)];
}
