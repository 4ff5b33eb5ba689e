/** The longest name of an index or data stream, in bytes of UTF-8. */
const LONGEST = 255;

/** Characters that no name may hold: Elasticsearch's own list, and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const FORBIDDEN = /[\\/*?"<>|\s,#:\u0000-\u001f\u007f]/;

/**
 * What is wrong with `name` as the name of an index or a data stream, or `undefined` where nothing is. The rules are
 * those of Elasticsearch's create index API. Date math (`<logs-{now/d}>`) is refused as well: an index by time must
 * derive from the record's own time, or a replay writes a second copy into another index.
 */
export function indexNameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('%{')) return "it holds %{; write {{ }}, as in logs-{{ format_timestamp($time, '%Y.%m.%d') }}";
  if (name !== name.toLowerCase()) return `it has upper case letters; write ${JSON.stringify(name.toLowerCase())}`;
  const forbidden = FORBIDDEN.exec(name);
  if (forbidden) return `it holds ${JSON.stringify(forbidden[0])}`;
  if (/^[-_+]/.test(name)) return 'it starts with -, _ or +';
  if (name === '.' || name === '..') return 'it is . or ..';
  if (Buffer.byteLength(name) > LONGEST) return `it is longer than ${LONGEST} bytes`;
  return undefined;
}

/**
 * What is wrong with a name that came out of a record. Stricter than {@link indexNameFault}: a name that starts with a
 * dot is a system index or a backing index, and no record may choose one.
 */
export function renderedIndexNameFault(name: string): string | undefined {
  return name.startsWith('.') ? 'it starts with a dot' : indexNameFault(name);
}
