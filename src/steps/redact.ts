import { z } from 'zod';
import { fieldPath, secret } from '../sdk/schema.ts';
import { defineStep, type Rejected, rejected } from '../sdk/step.ts';
import { isNever, replacePath } from '../sdk/types/index.ts';
import { ownPattern, patternProblem, TextTooLong } from './redact/own-pattern.ts';
import { PATTERN_NAMES, patterns } from './redact/patterns.ts';
import { redactedType } from './redact/redacted-type.ts';
import { hashing, masking, type NamedDetector, Redactor, type Replacement, removing } from './redact/redactor.ts';
import { type Change, changeAll, changeField, DEEPEST, TooDeep } from './redact/texts.ts';

/** Smaller numbers are no card numbers, and are passed over. */
const SMALLEST_CARD = 1e11;

const options = z
  .strictObject({
    patterns: z
      .array(z.enum(PATTERN_NAMES))
      .default([])
      .describe(
        'What is looked for: `card` (payment cards, by issuer, length and Luhn check; whole numbers too), `email`, `iban` (by country, length and check digits), `ipv4`, `ipv6`, `token` (JWT, bearer and basic credentials, keys of AWS, tokens of well-known services).',
      ),
    own: z
      .record(z.string().min(1).max(40), z.string().min(1))
      .default({})
      .describe(
        'Patterns of your own, by name: JavaScript regular expressions. All that one matches is redacted; look around (`(?<=id=)\\d+`) to leave a part.',
      ),
    fields: z
      .array(fieldPath())
      .min(1)
      .optional()
      .describe('The fields that are looked at, with all that is below them. Without it, all texts of the record.'),
    action: z
      .enum(['mask', 'hash', 'remove'])
      .default('mask')
      .describe(
        '`mask`: a text in its place. `hash`: its HMAC-SHA-256 with `key`, or SHA-256 without, as 64 hexadecimal digits, so that the same stays the same. `remove`: nothing.',
      ),
    mask: z
      .string()
      .max(100)
      .optional()
      .describe('`mask`: the text. Without it, the name of the pattern in brackets: `[email]`.'),
    key: secret()
      .optional()
      .describe(
        '`hash`: the key. Without one, anybody can find out by trial what was hashed: there are few card numbers and addresses.',
      ),
  })
  .superRefine(({ patterns: built, own, action, mask, key }, context) => {
    const complain = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    if (built.length === 0 && Object.keys(own).length === 0)
      complain([], `nothing would be redacted: give "patterns" (${PATTERN_NAMES.join(', ')}) or "own"`);
    if (mask !== undefined && action !== 'mask') complain(['mask'], `the action ${action} takes no "mask"`);
    if (key !== undefined && action !== 'hash') complain(['key'], `the action ${action} takes no "key"`);
    for (const [name, pattern] of Object.entries(own)) {
      const problem = patternProblem(pattern);
      if (problem !== undefined) complain(['own', name], problem);
    }
  });

type RedactOptions = z.output<typeof options>;

export const redact = defineStep<RedactOptions>({
  kind: 'redact',
  summary: 'Takes personal data and secrets out of texts.',
  description: [
    'Names of fields stay as they are. Texts in lists are looked at too. Finds that overlap are redacted as one.',
    'Hashes of cards and IBANs are those of the number without blanks and hyphens.',
    'Do not forget `event.original`, which holds the text that `parse` has read: without `fields` it is looked at too. Dead letters hold a record as it came.',
  ].join(' '),
  options,
  main: 'patterns',
  changesValue: true,
  readsValue: true,
  examples: [
    'redact: [ card, iban, token ]',
    'redact: { patterns: [ email, ipv4, ipv6 ], fields: [ message, user ], action: hash, key: "${REDACT_KEY:-only-for-tests}" }',
    "redact: { own: { session: '(?<=session=)[0-9a-f]+' }, mask: '***' }",
  ],
  yields({ fields, patterns: chosen }, known) {
    // Numbers of twelve digits and more are hardly anything but cards; where the fields are named, all that they hold may become texts.
    if (fields === undefined) return redactedType(known.input, false);
    const cards = chosen.includes('card');
    return fields.reduce((record, field, i) => {
      const { type, always } = known.read(field, { at: ['fields', i], optional: true });
      return isNever(type) ? record : replacePath(record, field, { type: redactedType(type, cards), always });
    }, known.input);
  },
  create(options) {
    const { fields } = options;
    const change = changeBy(options);
    return (record) => {
      try {
        if (fields === undefined) changeAll(record.value, change);
        else for (const path of fields) changeField(record.value, path, change);
        return undefined;
      } catch (error) {
        return rejection(error, fields === undefined ? 'the texts of a record' : fields.map((path) => path.join('.')).join(', '));
      }
    };
  },
});

function changeBy(options: RedactOptions): Change {
  const chosen = [...new Set(options.patterns)];
  const own = Object.entries(options.own).map(([name, pattern]): NamedDetector => ({ name, detect: ownPattern(name, pattern) }));
  const replace = replacementOf(options);
  const texts = new Redactor([...chosen.map((name) => patterns[name]), ...own], replace);
  const cards = chosen.includes('card') ? new Redactor([patterns.card], replace) : undefined;
  return (value) => {
    if (typeof value === 'string') return texts.redact(value);
    if (cards === undefined || value < SMALLEST_CARD || !Number.isSafeInteger(value)) return value;
    const digits = String(value);
    const redacted = cards.redact(digits);
    return redacted === digits ? value : redacted;
  };
}

function replacementOf({ action, mask, key }: RedactOptions): Replacement {
  switch (action) {
    case 'mask':
      return masking(mask);
    case 'hash':
      return hashing(key);
    case 'remove':
      return removing;
  }
}

/** Why a record was not redacted whole, so that it must not go on. */
function rejection(error: unknown, field: string): Rejected {
  if (error instanceof TextTooLong) {
    return rejected('REDACT_TEXT_TOO_LONG', { field, pattern: error.pattern, limit: error.limit });
  }
  if (error instanceof TooDeep) {
    return rejected('REDACT_TOO_DEEP', { limit: DEEPEST });
  }
  throw error;
}
