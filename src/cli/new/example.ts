/** The names of an example: `bot-score` in pipeline files, `botScore` in code, `bot_score` of a function. */
export interface ExampleName {
  readonly kind: string;
  readonly variable: string;
  readonly word: string;
}

/** The example's names; `undefined` where what was given can be none. */
export function exampleName(text: string): ExampleName | undefined {
  if (!/^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(text) || text.length > 60) return undefined;
  const parts = text.split(/[-_]/);
  const variable = parts.map((part, i) => (i === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1))).join('');
  return { kind: parts.join('-'), variable, word: parts.join('_') };
}

/** A pipeline with one stream, whose step is the example's, and its test. */
export function aroundStep(
  { kind }: ExampleName,
  { step, given, expected, rejected = '' }: { step: string; given: string; expected: string; rejected?: string },
): Record<string, string> {
  return {
    [`${kind}.yaml`]: `pipeline: ${kind}
description: Tries out the plugin beside it.

plugins: [ ./${kind}.ts ]

topics:
  in: { external: true }
  out: {}

streams:
  try:
    from: in
    steps:
      - ${step}
    to: out
`,
    [`${kind}.test.yaml`]: `# Run by: npx millrace test ${kind}.test.yaml
tests:
  - name: what goes in comes out as it should
    given:
      - topic: in
        records:
${given}
    expect:
      topics:
        out:
${expected}
${rejected}`
      .trimEnd()
      .concat('\n'),
  };
}
