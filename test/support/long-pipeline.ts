/** The steps of an access log's stream that are asked for over and over, with fields of their own each time. */
function stepsOf(n: number): string[] {
  return [
    `- map: |\n          f${n}.outcome = http.response.status_code >= 500 ? 'failure' : 'success'\n          f${n}.size = round(http.response.body.bytes / 1024, 1)`,
    `- set: { f${n}.labels: [ a, "{{ url.path ?? '' }}" ], f${n}.text: "{{ http.request.method }} {{ url.path }}" }`,
    `- filter: f${n}.outcome === 'failure' || f${n}.size >= 0 || contains(f${n}.text, 'GET')`,
    `- convert: { fields: { f${n}.size: string } }`,
    `- rename: { f${n}.labels: f${n}.tags }`,
  ];
}

/** A pipeline file of so many steps, in so many streams one behind the other. */
export function longPipeline(steps: number, streams: number): string {
  const each = steps / streams;
  const sections = Array.from({ length: streams }, (_, s) => {
    const list = Array.from({ length: Math.ceil(each / 5) }, (_, n) => stepsOf(s * 1000 + n))
      .flat()
      .slice(0, each);
    const first = s === 0 ? ['- parse: apache_combined', ...list.slice(0, -1)] : list;
    return `  s${s}:\n    from: t${s}\n    to: t${s + 1}\n    steps:\n${first.map((step) => `      ${step}\n`).join('')}`;
  });
  const topics = Array.from({ length: streams + 1 }, (_, i) => `t${i}: {}`).join(', ');
  return `pipeline: long\ntopics: { ${topics} }\nsources: { log: { file: ./access.log, to: t0 } }\nstreams:\n${sections.join('')}`;
}
