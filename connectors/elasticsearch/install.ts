import { readFile } from 'node:fs/promises';
import { isJsonObject, type Logger, MillraceError, reasonOf } from 'millrace/sdk';
import type { ElasticsearchConfig } from './config.ts';
import type { Connection } from './connection.ts';
import { failureOf, isResponseError } from './failure.ts';
import { readFault } from './fault.ts';

/** Something that is installed by its name. */
interface Asset {
  /** For people: `the index template logs-access`. */
  readonly what: string;
  readonly path: string;
  readonly file?: string | undefined;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  readonly overwrite: boolean;
  readonly lifecycle: boolean;
}

/** What a server without index lifecycle management says of its addresses. */
const NO_SUCH_ADDRESS = /^(\w+: )?(no handler found|Incorrect HTTP method)|api_not_available|not available (in|on) serverless/i;

/** The template and policy that the options ask for: the policy first, since the template may name it. */
function assetsOf({ template, ilm }: ElasticsearchConfig): Asset[] {
  const path = (kind: string, name: string): string => `/${kind}/${encodeURIComponent(name)}`;
  return [
    ...(ilm === undefined
      ? []
      : [{ ...ilm, what: `the lifecycle policy ${ilm.name}`, path: path('_ilm/policy', ilm.name), lifecycle: true }]),
    ...(template === undefined
      ? []
      : [
          {
            ...template,
            what: `the index template ${template.name}`,
            path: path('_index_template', template.name),
            lifecycle: false,
          },
        ]),
  ];
}

/** Installs the template and the policy that the options ask for. Throws ES_INSTALL, or what is wrong with the connection. */
export async function install(
  config: ElasticsearchConfig,
  by: { readonly connection: Connection; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  for (const asset of assetsOf(config)) {
    const body = asset.body ?? (await readBody(asset, signal));
    try {
      if (!asset.overwrite && (await isThere(asset, by.connection, signal))) continue;
      await by.connection.call(
        (client, options) => client.transport.request({ method: 'PUT', path: asset.path, body: { ...body } }, options),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      throw understood(error, asset, config);
    }
    by.log.info(`installed ${asset.what}`);
  }
}

async function isThere({ path }: Asset, connection: Connection, signal: AbortSignal): Promise<boolean> {
  try {
    await connection.call((client, options) => client.transport.request({ method: 'GET', path }, options), signal);
    return true;
  } catch (error) {
    if (isResponseError(error) && error.statusCode === 404) return false;
    throw error;
  }
}

async function readBody(asset: Asset, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const file = String(asset.file);
  const wrong = (reason: string): MillraceError =>
    new MillraceError('ES_INSTALL', { what: asset.what, reason: `the file ${file}: ${reason}` });
  let text: string;
  try {
    text = await readFile(file, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    throw wrong(reasonOf(error));
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON: ${reasonOf(error)}`);
  }
  if (!isJsonObject(body)) throw wrong('it holds no JSON object');
  return body;
}

function understood(error: unknown, { what, lifecycle }: Asset, config: ElasticsearchConfig): MillraceError {
  if (!isResponseError(error) || error.statusCode === 401) {
    const failure = failureOf(error, { nodes: config.nodes, target: what, timeoutMs: config.request_timeout });
    if ('thrown' in failure) return failure.thrown;
  }
  const status = isResponseError(error) ? (error.statusCode ?? 0) : 0;
  const answer: unknown = isResponseError(error) ? error.body : undefined;
  const { reason } = readFault(status, isJsonObject(answer) ? answer['error'] : undefined);
  const absent = lifecycle && (status === 405 || status === 410 || NO_SUCH_ADDRESS.test(reason));
  return new MillraceError(absent ? 'ES_NO_ILM' : 'ES_INSTALL', { what, reason });
}
