import { isJsonObject, type JsonValue } from 'millrace/sdk';

/** How a container runtime wraps what a program prints. */
export type ContainerFormat = 'docker' | 'cri';

/** A line taken out of its wrapping. */
export interface ContainerLine {
  /** Lines of different streams do not mix: the format and `stdout` or `stderr`. */
  readonly lane: string;
  readonly text: string;
  /** Whether the runtime cut the line here, and the next piece of the same stream goes on with it. */
  readonly partial: boolean;
  /** Fields for the record. */
  readonly fields: Readonly<Record<string, JsonValue>>;
}

/** Time, stream, tags (the first is P for a partial or F for a full line), text: Kubernetes' CRI logging format. */
const CRI = /^(\d{4}-\d{2}-\d{2}T[\d:.,]+(?:[zZ]|[+-]\d{2}:?\d{2})) (stdout|stderr) ([PF])(?::[^ ]*)?(?: |$)/;

/** Takes a line out of the first of the formats that it is in; `undefined` where it is in none. */
export function unwrap(line: string, formats: readonly ContainerFormat[]): ContainerLine | undefined {
  for (const format of formats) {
    const unwrapped = format === 'docker' ? unwrapDocker(line) : unwrapCri(line);
    if (unwrapped !== undefined) return unwrapped;
  }
  return undefined;
}

function unwrapCri(line: string): ContainerLine | undefined {
  const match = CRI.exec(line);
  if (match === null) return undefined;
  const [header, time, stream, tag] = match as unknown as [string, string, string, string];
  return { lane: `cri ${stream}`, text: line.slice(header.length), partial: tag === 'P', fields: fieldsOf(time, stream) };
}

/** Docker's json-file driver: `log` ends with a line feed where the line does. */
function unwrapDocker(line: string): ContainerLine | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: JsonValue;
  try {
    value = JSON.parse(line) as JsonValue;
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || typeof value['log'] !== 'string') return undefined;
  const { log, time, stream, attrs } = value;
  const partial = !log.endsWith('\n');
  const text = partial ? log : log.slice(0, log.endsWith('\r\n') ? -2 : -1);
  const name = stream === 'stdout' || stream === 'stderr' ? stream : 'other';
  const fields = fieldsOf(time, stream);
  return {
    lane: `docker ${name}`,
    text,
    partial,
    fields: isJsonObject(attrs) ? { ...fields, docker: { attrs } } : fields,
  };
}

function fieldsOf(time: JsonValue | undefined, stream: JsonValue | undefined): Record<string, JsonValue> {
  const known = typeof time === 'string' && !Number.isNaN(Date.parse(time));
  return { ...(known ? { '@timestamp': time } : {}), ...(typeof stream === 'string' ? { stream } : {}) };
}
