import { checkRegExp, duration, size } from 'millrace/sdk';
import { z } from 'zod';
import { CombinedRules } from './combined-rules.ts';
import type { ContainerFormat } from './container.ts';
import { MachineRules } from './machine.ts';
import { type LinePatterns, PatternRules } from './patterns.ts';
import { type Rules, singleLines } from './rules.ts';
import { traces } from './traces.ts';

const CONTAINERS = ['docker', 'cri'] as const;
const LANGUAGES = ['java', 'python', 'go', 'ruby', 'node', 'php', 'csharp', 'dart'] as const;
/** Presets that say by a pattern how an event begins. */
const BEGINNINGS: Readonly<Record<'kafka' | 'timestamp', string>> = {
  kafka: '^\\[\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2},\\d{3}\\]',
  timestamp:
    '^[\\[<(]?(?:\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}[-/. ](?:\\d{1,2}|[A-Z][a-z]{2})[-/. ]\\d{2,4}|(?:[A-Z][a-z]{2},? )?[A-Z][a-z]{2} {1,2}\\d{1,2} |\\d{2}:\\d{2}:\\d{2})',
};

const preset = z.enum([...LANGUAGES, ...CONTAINERS, 'kafka', 'timestamp']);
const presets = z.union([preset, z.array(preset).min(1)]);
type Preset = z.output<typeof preset>;

const pattern = (): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .min(1)
    .superRefine((source, context) => {
      const checked = checkRegExp(source);
      if (!checked.ok) context.addIssue({ code: 'custom', message: `the pattern ${checked.reason}` });
    })
    .optional();

const shape = z.strictObject({
  preset: presets
    .optional()
    .describe(
      'What writes the lines: a language, whose stack traces become one event; `docker` or `cri`, whose pieces of a line are joined, ' +
        'with `stream` and `@timestamp` as fields; `kafka` or `timestamp`, whose events begin with a time. Several go together as ' +
        'a list: `[cri, java]`.',
    ),
  start: pattern().describe('A line that matches begins an event. Alone, every other line belongs to the event before it.'),
  continue: pattern().describe(
    'A line that matches belongs to the event before it. With `start`, only if that began with `start`.',
  ),
  unfinished: pattern().describe('A line that matches is continued by the next one, as with a backslash at its end (`\\\\$`).'),
  end: pattern().describe('A line that matches is the last of its event. Alone, all lines up to it belong together.'),
  timeout: duration()
    .prefault('5s')
    .refine((ms) => ms >= 1, 'must be at least 1ms')
    .describe('How long the last event of a file waits for another line before it is taken for complete.'),
  max_lines: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe(
      'The most lines of an event. A longer one is cut there and gets the flag `truncated`; its other lines are left out.',
    ),
  max_bytes: size()
    .prefault('1MB')
    .refine((bytes) => bytes >= 16 && bytes <= 64_000_000, 'must be from 16B to 64MB')
    .describe('The most bytes of an event; a longer one is cut likewise.'),
});

type Multiline = z.output<typeof shape>;

const defaults = (chosen: Preset | Preset[]): Multiline => shape.parse({ preset: chosen });

/** A preset or a list of them stands for the options with nothing else. */
const anyForm = z.union([preset.transform(defaults), z.array(preset).min(1).transform(defaults), shape]);

/** Options of the file source that say which lines are one event. */
export const multilineOption = anyForm.superRefine((options, context) => {
  const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const chosen = presetsOf(options);
  const patterns = hasPatterns(options);
  if (chosen.length === 0 && !patterns) {
    complain([], 'needs a "preset", or a pattern: "start", "continue", "unfinished" or "end"');
  }
  const beginnings = chosen.filter((each) => each in BEGINNINGS);
  const languages = chosen.filter((each) => (LANGUAGES as readonly string[]).includes(each));
  const [other] = [...languages, ...beginnings];
  if (patterns && other !== undefined) {
    complain(
      ['preset'],
      `the preset ${other} has patterns of its own: leave it out, or your patterns; docker and cri go with both`,
    );
  } else if (beginnings.length + Math.min(1, languages.length) > 1) {
    complain([], `the preset ${beginnings[0]} says where every event begins: leave the others out, except docker and cri`);
  }
});

export type MultilineOptions = z.output<typeof multilineOption>;

/** Which lines are one event, ready for use. */
export interface CompiledMultiline {
  readonly rules: Rules;
  readonly containers: readonly ContainerFormat[];
}

export function compileMultiline(options: MultilineOptions): CompiledMultiline {
  const chosen = presetsOf(options);
  const containers = CONTAINERS.filter((each) => chosen.includes(each));
  const beginning = chosen.find((each) => each === 'kafka' || each === 'timestamp');
  if (beginning !== undefined) return { rules: new PatternRules({ start: BEGINNINGS[beginning] }), containers };
  if (hasPatterns(options)) return { rules: new PatternRules(options), containers };
  const machines = LANGUAGES.filter((each) => chosen.includes(each)).map((each) => new MachineRules(traces[each]));
  const [only = singleLines] = machines;
  return { rules: machines.length > 1 ? new CombinedRules(machines) : only, containers };
}

function presetsOf({ preset: chosen }: Pick<Multiline, 'preset'>): Preset[] {
  if (chosen === undefined) return [];
  return Array.isArray(chosen) ? chosen : [chosen];
}

function hasPatterns(options: LinePatterns): boolean {
  return [options.start, options.continue, options.unfinished, options.end].some((each) => each !== undefined);
}
