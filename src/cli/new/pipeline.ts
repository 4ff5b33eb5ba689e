import type { ExampleName } from './example.ts';

/** A pipeline from a file to standard output, with a window in it. */
export function pipelineExample({ kind }: ExampleName): Record<string, string> {
  return {
    [`${kind}.yaml`]: `pipeline: ${kind}
description: Counts the errors of a log, and prints them.

topics:
  lines: { partitions: 4 }
  events: { partitions: 4, retention: 7d }
  errors: {}

sources:
  log:
    file: { include: [ "\${LOG:-./app.log}" ] }
    to: lines

streams:
  parse:
    from: lines
    steps:
      - parse: logfmt
      - map: level = lower(level ?? 'info')
    to: events
  count:
    from: events
    steps:
      - filter: level === 'error'
      - window:
          tumbling: 1m
          by: [ service ]
          compute: { errors: count() }
    to: errors

sinks:
  print:
    from: errors
    steps:
      - set: { message: "{{ service }}: {{ errors }} errors" }
    console: text
`,
    [`${kind}.test.yaml`]: `# Run by: npx millrace test ${kind}.test.yaml
environment: { LOG: /logs/app.log }
now: 2026-05-17T10:06:30Z
tests:
  - name: errors are counted by service and minute
    given:
      - source: log
        lines:
          - '@timestamp=2026-05-17T10:05:03Z level=ERROR service=shop text=broken'
          - '@timestamp=2026-05-17T10:05:09Z level=error service=shop text=again'
          - '@timestamp=2026-05-17T10:05:10Z level=info service=shop text=fine'
      - advance: 2m
    expect:
      topics:
        errors: { partial: [ { service: shop, errors: 2 } ] }
      sinks:
        print: [ "2026-05-17T10:05:59.999Z shop: 2 errors" ]
`,
  };
}
