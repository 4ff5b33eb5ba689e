import { type FieldPath, parsePath } from '../record/path.ts';

/** The path that a pipeline file names; `undefined` where it is none, as in Logstash's `[http][response]`, which would be a field of that very name. */
export function writtenPath(text: string): FieldPath | undefined {
  return text.startsWith('[') ? undefined : parsePath(text);
}

/** What is said of a text that is no {@link writtenPath}. */
export function noPath(text: string): string {
  const names = /^(?:\[[^[\]]+\])+$/.test(text) ? text.slice(1, -1).replaceAll('][', '.') : undefined;
  const instead = names === undefined ? 'write names with dots between: http.response.status_code' : `write ${names}`;
  return `${JSON.stringify(text)} is no field path; ${instead}`;
}
