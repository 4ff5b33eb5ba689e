import type { ExampleName } from './example.ts';

/** A source that knows where it stands. */
export function sourceExample({ kind, variable }: ExampleName): Record<string, string> {
  return {
    [`${kind}.ts`]: `import { BatchBuilder, defineSource } from 'millrace/sdk';
import { z } from 'zod';

/** A source of a pipeline: \`${kind}: { count: 10 }\`. */
export const ${variable} = defineSource({
  type: '${kind}',
  summary: 'Counts up to a number, once a second.',
  config: z.strictObject({
    count: z.int().min(1).describe('How far.'),
  }),
  main: 'count',
  examples: ['${kind}: 10'],
  create: ({ count }) => ({
    async run(emit, { positions, signal, once, clock }) {
      // Where it stood when it was stopped: stored with the records, in the same transaction.
      const builder = new BatchBuilder(['records']);
      for (let n = Number(positions.get('next') ?? 1); n <= count && !signal.aborted; n += 1) {
        builder.reset();
        builder.begin(0, -1, clock.now());
        builder.value(JSON.stringify({ n }));
        // Settles when the records are committed: it is acknowledgement and backpressure in one.
        await emit(builder.batch(), { positions: { next: n + 1 } });
        if (!once) await clock.sleep(1_000, signal).catch(() => undefined);
      }
    },
    async close() {
      // Frees what run has opened.
    },
  }),
});
`,
    [`${kind}.yaml`]: `pipeline: ${kind}
description: Tries out the plugin beside it.

plugins: [ ./${kind}.ts ]

topics:
  numbers: {}

sources:
  count:
    ${kind}: { count: 3 }
    to: numbers
`,
    [`${kind}.test.yaml`]: `# Run by: npx millrace test ${kind}.test.yaml
tests:
  - name: it counts
    given:
      - source: count
    expect:
      topics:
        numbers: [ { n: 1 }, { n: 2 }, { n: 3 } ]
`,
  };
}

/** A sink that says of each record what became of it. */
export function sinkExample({ kind, variable }: ExampleName): Record<string, string> {
  return {
    [`${kind}.ts`]: `import { defineSink } from 'millrace/sdk';
import { z } from 'zod';

/** A sink of a pipeline: \`${kind}: { url: "http://127.0.0.1:8080/records" }\`. */
export const ${variable} = defineSink({
  type: '${kind}',
  summary: 'Posts each write to an address, as lines of JSON.',
  config: z.strictObject({
    url: z.url().describe('The address.'),
  }),
  main: 'url',
  examples: ['${kind}: "http://127.0.0.1:8080/records"'],
  batch: { records: 500, bytes: 1_000_000 },
  concurrency: 1,
  delivery: 'at_least_once',
  create: ({ url }) => ({
    async open() {
      // Connects; it is tried again until it succeeds.
    },
    async write({ records }, outcomes, signal) {
      const lines = Array.from({ length: records.length }, (_, row) => records.valueText(row));
      // What is thrown leaves the outcome unknown: the same is sent again.
      const response = await fetch(url, { method: 'POST', body: \`\${lines.join('\\n')}\\n\`, signal });
      if (response.ok) outcomes.deliveredAll();
      else if (response.status === 400) outcomes.refuseAll({ code: 'PLUGIN_REJECTED', message: 'the address refuses it' });
      else throw new Error(\`the address answers \${response.status}\`);
    },
    async close() {
      // Frees what open has opened.
    },
  }),
});
`,
    [`${kind}.yaml`]: `pipeline: ${kind}
description: Tries out the plugin beside it.

plugins: [ ./${kind}.ts ]

topics:
  in: { external: true }

sinks:
  post:
    from: in
    ${kind}: "http://127.0.0.1:8080/records"
`,
    [`${kind}.test.yaml`]: `# Run by: npx millrace test ${kind}.test.yaml
tests:
  - name: it is given every record
    given:
      - topic: in
        records:
          - value: { n: 1 }
          - value: { n: 2 }
    expect:
      sinks:
        post: [ { n: 1 }, { n: 2 } ]
`,
  };
}
