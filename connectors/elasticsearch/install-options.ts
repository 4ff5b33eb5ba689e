import { filePath } from 'millrace/sdk';
import { z } from 'zod';

const NAME = /^[^A-Z_+.\-\s,"*\\<|>/?#:][^A-Z\s,"*\\<|>/?#:]*$/;

const name = z.string().max(255).regex(NAME, {
  message: 'this is no name of a template or policy: lower case letters, digits, - and _, beginning with a letter or digit',
});

const file = filePath().optional().describe('File with the JSON that is installed. This or `body`.');
const body = z
  .record(z.string(), z.unknown())
  .optional()
  .describe('What is installed, written out here as Elasticsearch takes it. This or `file`.');
const overwrite = z
  .boolean()
  .default(false)
  .describe('Whether to replace one of that name that is there already, at every start; else what is there stays.');

const template = z.strictObject({ name: name.describe('Name of the index template.'), file, body, overwrite });
const ilm = z.strictObject({ name: name.describe('Name of the policy.'), file, body, overwrite });

/** Options by which the sink installs what its index needs. */
export const installFields = {
  template: template
    .optional()
    .describe('An index template that is installed before anything is delivered (`PUT _index_template`).')
    .meta({ examples: [{ name: 'logs-access', file: './logs-access.template.json' }] }),
  ilm: ilm
    .optional()
    .describe(
      'An index lifecycle policy that is installed before the template (`PUT _ilm/policy`); the template names it in `index.lifecycle.name`.',
    )
    .meta({ examples: [{ name: 'logs-30d', file: './logs-30d.ilm.json' }] }),
};

type Options = z.infer<z.ZodObject<typeof installFields>>;

export function* faultsOfInstalling(options: Options): Generator<{ path: string; message: string }> {
  for (const path of ['template', 'ilm'] as const) {
    const one = options[path];
    if (one === undefined) continue;
    if (one.file === undefined && one.body === undefined) yield { path, message: 'say what to install: write file or body' };
    if (one.file !== undefined && one.body !== undefined) yield { path, message: 'file and body exclude each other' };
  }
}
