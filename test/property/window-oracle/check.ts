import type { WindowCounters } from '../../../src/sdk/operator.ts';
import { BY_ARRIVAL, COMPUTE, type Figures } from './aggregate.ts';
import { expectedOf } from './expected.ts';
import { ownFeed, shuffled } from './feed.ts';
import { type Emission, OperatorRun, type Weather } from './operator-run.ts';
import { lastResults, type Outcome, outcomeOf, type Result, type Standing } from './results.ts';
import type { Story } from './story.ts';
import { randomEvents } from './streams.ts';
import { windowOf } from './subject.ts';
import { Upstream } from './upstream.ts';
import { type Expected, type ExpectedWindow, nameOf } from './windows.ts';

/** Runs a story over the real operators, and tells what is not as the batch computation has it. Nothing: all is right. */
export function problemsOf(story: Story): string[] {
  const expected = expectedOf(story);
  const { runs, counters } = runsOf(story, story.weather);
  const outcomes = runs.flatMap((run) => run.committed.map(outcomeOf));
  const open = runs.flatMap((run) => run.openResults().map(outcomeOf));
  return [
    ...resultProblems(story, expected, outcomes, open),
    ...historyProblems(story, outcomes),
    ...counterProblems(expected, counters),
    ...runs.flatMap(stateProblems),
    ...cutProblems(story, runs),
  ];
}

interface Runs {
  readonly runs: readonly OperatorRun[];
  readonly counters: readonly WindowCounters[];
}

function runsOf(story: Story, weather: Weather): Runs {
  const { shape, shuffle } = story;
  const { wait } = shape;
  const partitions = randomEvents(shape);
  const { create, partial } = windowOf(story);
  if (shuffle === undefined) {
    const runs = partitions.map((events) =>
      new OperatorRun({ create, entries: ownFeed(events), wait, repartitioned: false, weather }).run(),
    );
    return { runs, counters: runs.map(({ counters }) => counters) };
  }
  const upstreams = partitions.map((events, partition) => {
    const upstream = new Upstream({ partition, partitions: partitions.length, wait, shuffle, partial });
    return { sent: upstream.run(ownFeed(events)), counters: upstream.counters };
  });
  const feeds = shuffled(
    upstreams.map(({ sent }) => sent),
    shuffle.downstreams,
    shuffle.seed,
  );
  const runs = feeds.map((entries, i) =>
    new OperatorRun({ create, entries, wait, repartitioned: true, weather: { ...weather, seed: weather.seed + i } }).run(),
  );
  return { runs, counters: [...upstreams, ...runs].map(({ counters }) => counters) };
}

/** The last revision of every closed window, and of every open one as far as it is emitted, is what it must be, and there are no others. */
function resultProblems(
  { emit, shuffle, window }: Story,
  { windows }: Expected,
  outcomes: readonly Outcome[],
  open: readonly Outcome[],
): string[] {
  const problems: string[] = [];
  const last = lastResults(outcomes);
  const early = lastResults(open);
  const names = Object.keys(COMPUTE).filter((name) => shuffle === undefined || !BY_ARRIVAL.has(name)) as (keyof Figures)[];
  const comparison = (name: string, window: ExpectedWindow, outcome: Standing | undefined, panes: readonly string[]): string[] =>
    outcome === undefined
      ? [`${name}: missing, should be ${JSON.stringify(window.figures)}`]
      : differences(name, { window, outcome, panes, names });
  for (const [name, expected] of windows) {
    if (expected.closed) {
      problems.push(...comparison(name, expected, last.get(name), ['on_time', 'late']));
      if (early.has(name)) problems.push(`${name}: closed, and still open`);
    } else {
      problems.push(...comparison(name, expected, early.get(name), ['early']));
      if (emit === 'close' && last.has(name)) problems.push(`${name}: emitted before its end`);
      if (emit === 'update') problems.push(...comparison(name, expected, last.get(name), ['early']));
    }
  }
  // What has been said of a session that has closed stands while it is open anew, until it closes again.
  const grown = (name: string): boolean =>
    [...windows.values()].some(
      ({ key, start, end, closed }) =>
        window.kind === 'session' &&
        !closed &&
        name.startsWith(`${key} [${start}, `) &&
        (last.get(name)?.result.end ?? end) < end,
    );
  for (const name of new Set([...last.keys(), ...early.keys()]))
    if (!windows.has(name) && !grown(name)) problems.push(`${name}: nobody expects it`);
  return problems;
}

interface Pair {
  readonly window: ExpectedWindow;
  readonly outcome: Standing;
  readonly panes: readonly string[];
  readonly names: readonly (keyof Figures)[];
}

function differences(name: string, { window, outcome, panes, names }: Pair): string[] {
  const { result, time } = outcome;
  const problems = names
    .filter((figure) => window.figures[figure] !== result.figures[figure])
    .map((figure) => `${name}: ${figure} is ${result.figures[figure]}, should be ${window.figures[figure]}`);
  if (!panes.includes(result.pane)) problems.push(`${name}: the pane ${result.pane}, should be ${panes.join(' or ')}`);
  if (time !== window.time) problems.push(`${name}: the time ${time}, should be ${window.time}`);
  return problems;
}

const PANES = ['early', 'on_time', 'late'];

/** Ids are unique to group and window, versions only rise, and panes are in their order. */
function historyProblems({ window }: Story, outcomes: readonly Outcome[]): string[] {
  const problems: string[] = [];
  const names = new Map<string, string>();
  const ids = new Map<string, string>();
  const before = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const { id, version, result } = outcome;
    const earlier = before.get(id);
    before.set(id, outcome);
    if (!/^[\w-]{22}$/.test(id)) problems.push(`an id that is none: ${id}`);
    if (!(version > (earlier?.version ?? 0))) problems.push(`${id}: version ${version} after ${earlier?.version}`);
    if (result === undefined) {
      if (earlier?.result === undefined) problems.push(`${id}: void, and was not there`);
      continue;
    }
    // The end of a session moves while it grows.
    const name = window.kind === 'session' ? `${result.key} ${result.start}` : nameOf(result.key ?? '', result);
    if ((names.get(id) ?? name) !== name) problems.push(`${id}: the id of ${name} and of ${names.get(id)}`);
    if ((ids.get(name) ?? id) !== id) problems.push(`${name}: the ids ${id} and ${ids.get(name)}`);
    names.set(id, name);
    ids.set(name, id);
    if (result.revision !== version) problems.push(`${name}: revision ${result.revision} as version ${version}`);
    problems.push(...paneProblems(name, window.kind === 'session', earlier?.result, result));
  }
  return problems;
}

/** Early, then once at the close, then late; only a session that has grown past the watermark is early again. */
function paneProblems(name: string, session: boolean, earlier: Result | undefined, { pane, end }: Result): string[] {
  if (earlier === undefined || (session && earlier.end !== end)) return [];
  const inOrder = PANES.indexOf(pane) > PANES.indexOf(earlier.pane) || (pane === earlier.pane && pane !== 'on_time');
  return inOrder ? [] : [`${name}: the pane ${pane} after ${earlier.pane}`];
}

/** Nothing is counted twice, whatever is processed again. */
function counterProblems({ counters: expected }: Expected, counters: readonly WindowCounters[]): string[] {
  const sum = (name: keyof WindowCounters): number => counters.reduce((total, each) => total + each[name], 0);
  const problems: string[] = [];
  const parts = sum('assigned') + sum('lateKept') + sum('lateRouted') + sum('lateDropped') + sum('gapDropped');
  if (sum('pairs') !== parts) problems.push(`counters: ${sum('pairs')} pairs are ${parts} of all kinds`);
  for (const [name, count] of Object.entries(expected ?? {})) {
    const counted = sum(name as keyof WindowCounters);
    if (counted !== count) problems.push(`counters: ${name} is ${counted}, should be ${count}`);
  }
  return problems;
}

/** Whoever restores what was committed holds the same as who has been there all the time. */
function stateProblems(run: OperatorRun): string[] {
  const restored = run.restoredState();
  const problems: string[] = [];
  if (restored.size !== run.size) problems.push(`state: ${restored.size} entries are restored of ${run.size}`);
  const [there, here] = [restored.open, run.openResults()].map((open) => open.map((result) => JSON.stringify(result)).sort());
  if (String(there) !== String(here)) problems.push(`state: restored, ${there} is open, in place of ${here}`);
  return problems;
}

/** Where results are emitted at the close, all of their revisions are the same whatever the cuts are and whatever goes wrong. */
function cutProblems(story: Story, runs: readonly OperatorRun[]): string[] {
  if (story.emit !== 'close' || story.shuffle !== undefined) return [];
  const calm = historiesOf(runsOf(story, { seed: 1, batch: 1, aborts: 0, crashes: 0 }).runs);
  const stormy = historiesOf(runs);
  return [...new Set([...calm.keys(), ...stormy.keys()])]
    .filter((id) => calm.get(id) !== stormy.get(id))
    .map((id) => `cuts: ${stormy.get(id)}, and where the input is cut otherwise ${calm.get(id)}`);
}

/** All that was emitted of each id, as text. */
function historiesOf(runs: readonly OperatorRun[]): Map<string, string> {
  const histories = new Map<string, string>();
  for (const emission of runs.flatMap((run) => run.committed)) {
    const id = idOf(emission);
    histories.set(id, `${histories.get(id) ?? ''}${JSON.stringify(emission)}`);
  }
  return histories;
}

const idOf = ({ headers }: Emission): string => headers['millrace.id'] ?? '';
