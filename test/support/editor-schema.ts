import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { pipelineJsonSchema } from '../../src/config/index.ts';
import { registry } from '../golden/registry.ts';

/** The JSON Schema of pipeline files. */
export const editorSchema = pipelineJsonSchema(registry);

const FORMATS = { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) };

const validate = new Ajv2020({
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  formats: FORMATS,
}).compile(editorSchema);

/** What a validator of JSON Schema, as an editor has it, says of a file; one line each. */
export function editorComplaints(text: string): string[] {
  if (validate(parse(text, { version: '1.2', schema: 'core', logLevel: 'silent' }))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
