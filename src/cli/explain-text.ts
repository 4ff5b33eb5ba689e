import type { JsonValue } from '../record/json.ts';
import { type RecordType, typeText } from '../sdk/types/index.ts';
import type { Explanation, Journey, NodeExplanation, Visit } from '../testing/commands.ts';
import type { PipelineTypes } from '../topology/index.ts';

const WIDEST = 200;

export interface Showing {
  /** Nothing but this step. */
  readonly step?: string;
  /** What was known of any record behind each step, before this one was seen. */
  readonly types?: PipelineTypes;
}

/** An explanation for people: node by node, record by record, of each step only what it changed. */
export function explanationText({ nodes, deadLetters, problems }: Explanation, { step: onlyStep, types }: Showing): string {
  const parts = nodes.flatMap((node) => nodeText(node, onlyStep, types?.nodes.get(node.name)?.steps));
  for (const { component, step, code, message, value } of onlyStep === undefined ? deadLetters : []) {
    const at = step === undefined ? component : `${component}, step ${step}`;
    parts.push(`dead letter of ${at}: ${code}: ${message}\n  ${shown(value)}\n`);
  }
  for (const problem of problems) parts.push(`${problem}\n`);
  return parts.length === 0 ? 'no step has seen a record\n' : parts.join('\n');
}

type StepTypes = ReadonlyMap<string, RecordType>;

function nodeText(node: NodeExplanation, onlyStep: string | undefined, types: StepTypes | undefined): string[] {
  const journeys = node.journeys.filter(
    ({ visits, made }) => onlyStep === undefined || made?.by === onlyStep || visits.some(({ id }) => id === onlyStep),
  );
  const texts = journeys.map((journey) => {
    const visits = journey.visits.filter(({ id }) => onlyStep === undefined || id === onlyStep);
    const end = onlyStep === undefined ? endText(node, journey) : '';
    return `${node.kind} ${node.name}: ${originText(journey)}\n${visits.map((visit) => visitText(visit, types?.get(visit.id))).join('')}${end}`;
  });
  const { read = [], delivered = [], to } = node;
  if (onlyStep !== undefined) return texts;
  if (read.length > 0)
    return [...texts, `source ${node.name} reads\n${read.map((each) => `  ${shown(each)}\n`).join('')}  -> ${to ?? ''}\n`];
  if (delivered.length === 0) return texts;
  return [...texts, `sink ${node.name} delivers\n${delivered.map((each) => `  ${shown(each)}\n`).join('')}`];
}

function originText({ record, made }: Journey): string {
  if (record !== undefined) return record.topic === '' ? 'a record' : `record ${record.offset} of ${record.topic}`;
  if (made === undefined) return 'a record that a step has made';
  const { by, value, time, key } = made;
  if (value === null) return `${by} takes back the result with the key ${shown(key)}`;
  return `${by} makes a record${time < 0 ? '' : `, of ${iso(time)}`}\n    ${shown(value)}`;
}

/** Where a record goes from its last step. */
function endText({ kind, to }: NodeExplanation, { end, visits, made }: Journey): string {
  if (end !== 'passed') return '';
  if (kind === 'sink') return visits.length === 0 && made === undefined ? '' : '  -> delivered\n';
  return to === undefined ? '' : `  -> ${to}\n`;
}

function visitText(visit: Visit, type: RecordType | undefined): string {
  const { id, step, changes } = visit;
  const lines = [`  ${id} (${step})${saidOf(visit)}`];
  for (const { path, before, after } of changes) {
    if (before === undefined) lines.push(`    + ${path}: ${shown(after)}`);
    else if (after === undefined) lines.push(`    - ${path}: ${shown(before)}`);
    else lines.push(`    ~ ${path}: ${shown(before)} -> ${shown(after)}`);
  }
  for (const { start, end, late } of visit.windows ?? [])
    lines.push(`    window ${iso(start)} to ${iso(end)}${late ? ': too late for it' : ''}`);
  for (const part of visit.parts ?? []) lines.push(`    part ${shown(part)}`);
  if (visit.time !== undefined) lines.push(`    ${timeText(visit)}`);
  if (type !== undefined) lines.push(`    type ${typeText(type)}`);
  return `${lines.join('\n')}\n`;
}

function saidOf(visit: Visit): string {
  const { outcome, changes, topic, code, message } = visit;
  switch (outcome) {
    case 'passed':
      return changes.length === 0 ? ': unchanged' : '';
    case 'skipped':
      return ': left out, for its "when" is not true';
    case 'dropped':
      return `: drops it${lateText(visit)}`;
    case 'routed':
      return ` -> ${topic ?? ''}${lateText(visit)}`;
    case 'rejected':
      return `: gives it up: ${code ?? ''}: ${message ?? ''}`;
    case 'split':
      return `: makes ${visit.parts?.length ?? 0} records of it`;
    case 'absorbed':
      return visit.side === 'joined' ? ': keeps it, as the joined side' : ': keeps it';
    case 'at work':
      return ': has not come to an end with it';
  }
}

/** Why a step with state let a record go. */
function lateText({ time, watermark, windows }: Visit): string {
  if (windows?.length === 0) return ', for it is in no window';
  return time !== undefined && watermark !== undefined && time <= watermark ? ', for it is late' : '';
}

function timeText({ time, watermark }: Visit): string {
  const own = `event time ${iso(time as number)}`;
  return watermark === undefined
    ? `${own}, the first of its partition`
    : `${own}; its partition is complete up to ${iso(watermark)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function shown(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= WIDEST ? text : `${text.slice(0, WIDEST)}... (${text.length} characters)`;
}
