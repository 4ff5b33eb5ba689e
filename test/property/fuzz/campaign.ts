import { Random } from '../../support/random.ts';
import { Watchdog } from './watchdog.ts';

const FULL = process.env['MILLRACE_FUZZ_FULL'] === '1';

/** Where the seeds begin: another place in every run, unless it is said. */
const FIRST_SEED = Number(process.env['MILLRACE_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** One case that takes longer than this never ends. */
const HANG_MS = 60_000;

export interface Campaign {
  /** How many cases run in CI, and how many under `npm run fuzz`. */
  readonly cases: { readonly ci: number; readonly full: number };
  /** Makes and tries one case. What it throws is a finding. */
  readonly attempt: (random: Random) => void;
  /** Looks at what many cases have left, now and then and at the end. */
  readonly inspect?: () => void;
}

/** How many cases there are between two inspections. */
const INSPECTED_EVERY = 500;

/** After so many findings there is enough to mend. */
const MOST_FINDINGS = 10;

/** Runs the cases; what was found is thrown, with the seeds that bring each of it back as the first case. */
export async function runCampaign({ cases, attempt, inspect }: Campaign): Promise<void> {
  const watchdog = new Watchdog(HANG_MS);
  const count = FULL ? cases.full : cases.ci;
  const findings: string[] = [];
  const note = (seed: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      findings.push(`MILLRACE_FUZZ_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (let i = 0; i < count && findings.length < MOST_FINDINGS; i += 1) {
    const seed = (FIRST_SEED + i) % 2 ** 32;
    watchdog.begin(seed);
    note(seed, () => attempt(new Random(seed)));
    const isLast = i === count - 1;
    if (inspect !== undefined && (isLast || i % INSPECTED_EVERY === INSPECTED_EVERY - 1)) note(seed, inspect);
  }
  await watchdog.stop();
  if (findings.length > 0) throw new Error(`of ${count} cases from MILLRACE_FUZZ_SEED=${FIRST_SEED} on:\n${findings.join('\n')}`);
}
