import { z } from 'zod';
import { CALENDAR_UNITS, WEEK_STARTS } from '../../record/calendar-units.ts';
import { duration, parseDuration } from '../../sdk/schema.ts';
import { calendarWindows } from './calendar-windows.ts';

/** Windows that hold one record, at most: each takes it in by itself. */
const MOST_OVERLAP = 1000;
const WEEK_START = 'monday';

/** A span of whole ms, at least one. */
function span(): z.ZodType<number, string> {
  return duration().refine((ms) => Number.isInteger(ms) && ms > 0, {
    error: 'must be a whole number of ms, and more than 0',
    abort: true,
  });
}

/** A span that may go backwards: `-8h`. */
function offset(): z.ZodType<number, string | undefined> {
  const text = z.string().transform((given, context) => {
    const ms = parseDuration(given.replace(/^-/, ''));
    if (ms !== undefined && Number.isInteger(ms)) return given.startsWith('-') ? -ms : ms;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(given)} is no offset; write a number and a unit, with a minus to go backwards: 15m, -8h`,
    });
    return z.NEVER;
  });
  return text.default(0).describe('By how much the windows are moved against 1 January 1970, 0:00 UTC: `15m`, `-8h`.');
}

const tumbling = z
  .strictObject({ size: span().describe('How long a window is.'), offset: offset() })
  .refine(({ size, offset }) => Math.abs(offset) < size, { path: ['offset'], error: 'must be less than "size"' });

const hopping = z
  .strictObject({
    size: span().describe('How long a window is.'),
    every: span().describe(
      'From the start of one window to that of the next. Less than `size`: windows overlap, and a record is in several. More: there are gaps, and a record in one is in no window.',
    ),
    offset: offset(),
  })
  .refine(({ every, offset }) => Math.abs(offset) < every, { path: ['offset'], error: 'must be less than "every"' })
  .refine(({ size, every }) => size / every <= MOST_OVERLAP, {
    path: ['every'],
    error: `a record would be in more than ${MOST_OVERLAP} windows; make "every" longer or "size" shorter`,
  });

const calendar = z
  .strictObject({
    unit: z.enum(CALENDAR_UNITS).describe('The unit that a window is.'),
    zone: z
      .string()
      .default('UTC')
      .refine((zone) => calendarWindows('day', zone, WEEK_START) !== undefined, {
        error: 'there is no such time zone; write a name of the IANA database (Europe/Berlin), an offset (+02:00) or UTC',
      })
      .describe(
        'The time zone whose calendar it is: `Europe/Berlin`, `+02:00`. Days in which clocks are moved have 23 or 25 hours.',
      ),
    week_start: z
      .enum(WEEK_STARTS)
      .optional()
      .describe(`The first day of a week, with \`unit: week\`; without it ${WEEK_START}.`),
  })
  .refine(({ unit, week_start: weekStart }) => unit === 'week' || weekStart === undefined, {
    path: ['week_start'],
    error: 'is only for "unit: week"',
  });

/** The options that say which windows there are, of which a step has one. */
export const kinds = {
  tumbling: z
    .union([span(), tumbling])
    .optional()
    .describe('Windows of one size, one after the other: `10s`, or `{ size, offset }`.'),
  hopping: hopping.optional().describe('Windows of one `size` that begin `every` so often.'),
  sliding: z
    .union([span(), z.strictObject({ size: span().describe('How long a window is.') })])
    .optional()
    .describe(
      'For each record the window that ends with it and the one that begins just after it, where there is something in it; both ends are part of a window. `5s`, or `{ size }`.',
    ),
  session: z
    .union([span(), z.strictObject({ gap: span().describe('How long nothing may come within a session.') })])
    .optional()
    .describe('Records of a group that are at most a gap apart: `30m`, or `{ gap }`.'),
  calendar: z
    .union([z.enum(CALENDAR_UNITS), calendar])
    .optional()
    .describe('Hours, days, weeks, months, quarters or years of a time zone: `day`, or `{ unit, zone, week_start }`.'),
};

export const KINDS = Object.keys(kinds) as (keyof typeof kinds)[];

type KindOptions = { readonly [Kind in keyof typeof kinds]?: z.output<(typeof kinds)[Kind]> };

/** Which windows there are, in one form. All spans in ms. */
export type WindowKind =
  | { readonly kind: 'hopping'; readonly size: number; readonly every: number; readonly offset: number }
  | { readonly kind: 'sliding'; readonly size: number }
  | { readonly kind: 'session'; readonly gap: number }
  | {
      readonly kind: 'calendar';
      readonly unit: (typeof CALENDAR_UNITS)[number];
      readonly zone: string;
      readonly weekStart: (typeof WEEK_STARTS)[number];
    };

/** The windows that the options name. Tumbling ones are hopping ones that begin where the one before ends. */
export function kindOf(options: KindOptions): WindowKind {
  const { tumbling: even, hopping: uneven, sliding, session, calendar: dates } = options;
  if (even !== undefined) {
    const { size, offset: moved } = typeof even === 'number' ? { size: even, offset: 0 } : even;
    return { kind: 'hopping', size, every: size, offset: moved };
  }
  if (uneven !== undefined) return { kind: 'hopping', ...uneven };
  if (sliding !== undefined) return { kind: 'sliding', size: typeof sliding === 'number' ? sliding : sliding.size };
  if (session !== undefined) return { kind: 'session', gap: typeof session === 'number' ? session : session.gap };
  if (dates === undefined) throw new Error('options of a window without a kind');
  const { unit, zone, week_start: weekStart = WEEK_START } = typeof dates === 'string' ? { unit: dates, zone: 'UTC' } : dates;
  return { kind: 'calendar', unit, zone, weekStart };
}
