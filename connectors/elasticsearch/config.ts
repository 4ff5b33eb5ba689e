import { type CompiledOption, duration, filePath, secret, size, template } from 'millrace/sdk';
import { z } from 'zod';
import { documentFields, faultsOfDocuments } from './document-options.ts';
import { indexNameFault } from './index-name.ts';
import { faultsOfInstalling, installFields } from './install-options.ts';

const node = z.string().superRefine((text, context) => {
  const fault = nodeFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

function nodeFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return 'this is no http or https address; write for example https://search.example.org:9200';
  }
  // The text is not repeated: it holds a password.
  if (url.username !== '' || url.password !== '') {
    return 'an address must not hold credentials, for it is shown in messages; write them as username and password';
  }
  return url.search === '' && url.hash === '' ? undefined : 'an address must not hold a query or a fragment';
}

function checkIndexName(name: string, context: z.RefinementCtx): void {
  const fault = indexNameFault(name);
  if (fault !== undefined)
    context.addIssue({ code: 'custom', message: `${JSON.stringify(name)} is no name of an index: ${fault}` });
}

const index = template().superRefine((option: CompiledOption, context) => {
  if (!option.text.includes('{{')) checkIndexName(option.text, context);
});

const fingerprint = z.string().regex(/^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, {
  message: 'this is no SHA-256 fingerprint; write its 32 bytes in hexadecimal, as Elasticsearch prints it when it first starts',
});

const tls = z.strictObject({
  ca: filePath().optional().describe('File with the certificates (PEM) of the authorities that the server is trusted by.'),
  ca_fingerprint: fingerprint
    .optional()
    .describe('SHA-256 fingerprint of the authority; the server must send that certificate along. In place of `ca`.'),
  certificate: filePath().optional().describe('File with the client certificate (PEM), where the server asks for one.'),
  key: filePath().optional().describe('File with the private key (PEM) of the client certificate.'),
  insecure_skip_verify: z
    .boolean()
    .default(false)
    .describe('Accepts any certificate. Whoever sits between can then read and change everything: for trying out only.'),
});

const fields = z.strictObject({
  nodes: z
    .array(node)
    .min(1)
    .default(['http://127.0.0.1:9200'])
    .describe('Addresses of the servers; requests go to them in turn.')
    .meta({ examples: [['https://search.example.org:9200']] }),
  index: index
    .optional()
    .describe('Name of the index, the same for all or by record. This or `data_stream`.')
    .meta({ examples: ['access-logs', 'logs-{{ service.name }}'] }),
  data_stream: z
    .string()
    .superRefine(checkIndexName)
    .optional()
    .describe('Name of the data stream; an index template with `data_stream: {}` must match it. This or `index`.')
    .meta({ examples: ['logs-access-default'] }),
  ...documentFields,
  ...installFields,
  username: z
    .string()
    .min(1)
    .optional()
    .describe('Name to sign in with.')
    .meta({ examples: ['millrace'] }),
  password: secret().optional().describe('Password of `username`.'),
  api_key: secret().optional().describe('API key (its encoded form) to sign in with, in place of `username`.'),
  bearer_token: secret().optional().describe('Service or OAuth2 token to sign in with, in place of `username`.'),
  tls: tls.optional().describe('Who is trusted at https addresses; by default the authorities that Node.js trusts.'),
  request_timeout: duration().prefault('60s').describe('How long to wait for the answer to one request.'),
  compression: z.boolean().default(false).describe('Compresses requests and answers with gzip: less network, more CPU.'),
  max_body: size()
    .prefault('50MB')
    .describe("The largest request body; at most the servers' `http.max_content_length` (100MB by default)."),
});

type Fields = z.infer<typeof fields>;

/** The faults that only show between options: the option that they show at (empty: the sink as a whole), and what is wrong. */
function* faultsBetween(options: Fields): Generator<{ path: string; message: string }> {
  if (options.index === undefined && options.data_stream === undefined) {
    yield { path: '', message: 'say where to: write index or data_stream' };
  }
  if (options.index !== undefined && options.data_stream !== undefined) {
    yield { path: 'data_stream', message: 'index and data_stream exclude each other' };
  }
  if ((options.username === undefined) !== (options.password === undefined)) {
    yield { path: options.username === undefined ? 'password' : 'username', message: 'username and password go together' };
  }
  const ways = [options.username, options.api_key, options.bearer_token].filter((way) => way !== undefined);
  if (ways.length > 1) yield { path: 'api_key', message: 'username, api_key and bearer_token exclude each other' };
  yield* faultsOfTls(options);
  yield* faultsOfDocuments(options);
  yield* faultsOfInstalling(options);
}

function* faultsOfTls({ tls: given, nodes }: Fields): Generator<{ path: string; message: string }> {
  if (given === undefined) return;
  if (!nodes.every((address) => address.startsWith('https:'))) {
    yield { path: 'tls', message: 'tls is for https addresses, but not all nodes are; write https:// there' };
  }
  const { ca, ca_fingerprint, certificate, key, insecure_skip_verify } = given;
  if ((certificate === undefined) !== (key === undefined)) yield { path: 'tls', message: 'certificate and key go together' };
  const trusts = [ca, ca_fingerprint, insecure_skip_verify || undefined].filter((way) => way !== undefined);
  if (trusts.length > 1) yield { path: 'tls', message: 'ca, ca_fingerprint and insecure_skip_verify exclude each other' };
}

/** What a user may write: the only place where options, defaults and their documentation exist. */
export const config = fields.superRefine((options, context) => {
  for (const { path, message } of faultsBetween(options))
    context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
});

export type ElasticsearchConfig = z.infer<typeof config>;
