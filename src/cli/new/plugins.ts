import { aroundStep, type ExampleName } from './example.ts';

/** A processor that looks at one record at a time. */
export function processorExample(name: ExampleName): Record<string, string> {
  const { kind, variable } = name;
  return {
    [`${kind}.ts`]: `import { defineProcessor } from 'millrace/sdk';
import { z } from 'zod';

/** A step of a pipeline: \`- ${kind}: { least: 100 }\`. */
export const ${variable} = defineProcessor({
  kind: '${kind}',
  summary: 'Marks records whose amount is large.',
  options: z.strictObject({
    least: z.number().default(100).describe('From which amount on it is large.'),
  }),
  // Called with each record, and may be async. Return a record, a list of them, or null to leave it out; throw to reject it.
  each: (record, { least }) => {
    const { amount } = record.value;
    if (typeof amount !== 'number') throw new Error('there is no amount');
    return record.with({ value: { ...record.value, large: amount >= least } });
  },
});
`,
    ...aroundStep(name, {
      step: `${kind}: { least: 50 }`,
      given: `          - value: { amount: 20 }
          - value: { amount: 70 }
          - value: { amount: much }`,
      expected: `          - { amount: 20, large: false }
          - { amount: 70, large: true }`,
      rejected: `      dead_letters:
        - { component: try, step: ${kind}-1, code: PROCESSOR_THREW }
`,
    }),
  };
}

/** A function for expressions. */
export function functionExample(name: ExampleName): Record<string, string> {
  const { kind, variable, word } = name;
  return {
    [`${kind}.ts`]: `import { defineFunction } from 'millrace/sdk';

/** A function for expressions: \`risk = ${word}(amount, 1000)\`. */
export const ${variable} = defineFunction({
  name: '${word}',
  summary: 'How near an amount is to the most that is usual, from 0 to 1.',
  parameters: [
    { name: 'amount', type: 'number' },
    { name: 'most', type: 'number', optional: true },
  ],
  returns: 'number',
  // Called only with arguments of these types; where one is missing, the result is missing.
  call: (amount, most = 1_000) => Math.min(1, amount / most),
});
`,
    ...aroundStep(name, {
      step: `map: risk = ${word}(amount, 200)`,
      given: `          - value: { amount: 50 }
          - value: { other: 1 }`,
      expected: `          - { amount: 50, risk: 0.25 }
          - { other: 1 }`,
    }),
  };
}

/** A format for `parse`. */
export function parserExample(name: ExampleName): Record<string, string> {
  const { kind, variable } = name;
  return {
    [`${kind}.ts`]: `import { defineParser, parseFailure } from 'millrace/sdk';
import { z } from 'zod';

/** A format for the step parse: \`- parse: { format: ${kind}, options: { separator: "=" } }\`. */
export const ${variable} = defineParser({
  name: '${kind}',
  summary: 'a name and a value with something between them',
  options: z.strictObject({
    separator: z.string().min(1).default('=').describe('What stands between them.'),
  }),
  create: ({ separator }) => (text) => {
    const at = text.indexOf(separator);
    if (at < 1) return parseFailure(\`expected a name before \${JSON.stringify(separator)}\`);
    return { name: text.slice(0, at), value: text.slice(at + separator.length) };
  },
});
`,
    ...aroundStep(name, {
      step: `parse: { format: ${kind}, options: { separator: ":" }, keep_original: false }`,
      given: `          - value: { message: "colour:green" }
          - value: { message: "nothing" }`,
      expected: `          - { name: colour, value: green }`,
      rejected: `      dead_letters:
        - { component: try, step: parse-1, code: PARSE_FAILED }
`,
    }),
  };
}
