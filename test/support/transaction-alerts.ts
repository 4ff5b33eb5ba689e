/** The alerts of pipelines/transactions/alerts.yaml as a batch job: over all findings at once, with nothing of Millrace. */

/** What alerts.yaml reads of a finding. */
export interface FindingInput {
  readonly '@timestamp': string;
  readonly rule: { readonly name: string };
  readonly score: number;
  readonly subject: string;
  readonly found: unknown;
  readonly transaction?: { readonly id: string };
  readonly customer?: { readonly id: string };
}

/** What is told of an alert, once. */
export interface AlertRow {
  readonly subject: string;
  readonly at: string;
  readonly status: string;
  readonly severity: string;
  readonly urgent: boolean;
  readonly started: string;
  readonly lastSeen: string;
  readonly count: number;
  readonly revision: number;
  readonly risk: { readonly rules: number; readonly score: number };
  readonly message: string;
  readonly last: unknown;
  readonly customer: unknown;
}

const HOUR_MS = 3_600_000;
const timeOf = (one: FindingInput): number => Date.parse(one['@timestamp']);
const iso = (time: number): string => new Date(time).toISOString();

interface Scored {
  readonly finding: FindingInput;
  readonly time: number;
  readonly risk: AlertRow['risk'];
}

/** With its score: the worst of the last hour, itself among it, and 20 for each further rule. */
function scored(finding: FindingInput, past: readonly FindingInput[]): Scored {
  const time = timeOf(finding);
  const last = past.filter((one) => timeOf(one) >= time - HOUR_MS);
  const rules = new Set(last.map(({ rule }) => rule.name)).size;
  const worst = Math.max(...last.map(({ score }) => score));
  return { finding, time, risk: { rules, score: Math.min(100, worst + 20 * (rules - 1)) } };
}

function severityOf(score: number): string {
  if (score >= 80) return 'critical';
  return score >= 60 ? 'high' : 'medium';
}

function row(life: readonly Scored[], revision: number, resolvedAt?: number): AlertRow {
  const first = life[0] as Scored;
  const { finding, time, risk } = life.at(-1) as Scored;
  const { rule, subject, found, transaction, customer } = finding;
  const severity = severityOf(risk.score);
  return {
    ...{ subject, at: iso(resolvedAt ?? time), status: resolvedAt === undefined ? 'open' : 'resolved' },
    ...{ severity, urgent: severity === 'critical', started: iso(first.time), lastSeen: iso(time) },
    ...{ count: life.length, revision, risk },
    message: `${rule.name} on ${subject}, score ${risk.score}`,
    last: { rule: rule.name, found, ...(transaction === undefined ? {} : { transaction: transaction.id }) },
    customer,
  };
}

/** An alert's life is what meets the condition, each at most an hour after the one before. */
function livesOf(findings: readonly Scored[]): Scored[][] {
  const lives: Scored[][] = [];
  for (const one of findings.filter(({ risk }) => risk.score >= 40)) {
    const life = lives.at(-1);
    if (life !== undefined && one.time <= (life.at(-1) as Scored).time + HOUR_MS) life.push(one);
    else lives.push([one]);
  }
  return lives;
}

/** What is told of a life: when it begins, when its severity changes, and its end. */
function told(life: readonly Scored[]): AlertRow[] {
  const changes = life.flatMap(({ risk }, i) => {
    const before = life[i - 1];
    return before === undefined || severityOf(before.risk.score) !== severityOf(risk.score) ? [i] : [];
  });
  const last = life.at(-1) as Scored;
  return [...changes.map((at, i) => row(life.slice(0, at + 1), i + 1)), row(life, changes.length + 1, last.time + HOUR_MS + 1)];
}

/** All that is told of the alerts that findings raise. */
export function alertsOf(findings: readonly FindingInput[]): AlertRow[] {
  const subjects = new Map<string, FindingInput[]>();
  for (const one of findings.toSorted((a, b) => timeOf(a) - timeOf(b)))
    subjects.set(one.subject, [...(subjects.get(one.subject) ?? []), one]);
  return [...subjects.values()].flatMap((own) => livesOf(own.map((one, i) => scored(one, own.slice(0, i + 1)))).flatMap(told));
}
