import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MillraceError } from '../../errors/index.ts';
import { artifact } from './artifacts.ts';
import { makeCertificates } from './certificates.ts';
import type { Command, ServerDefinition } from './definition.ts';
import { findJava } from './java.ts';
import type { ClusterSite } from './site.ts';
import { fillTemplate } from './template.ts';

const HEAP = '-Xms1g -Xmx1g';

/** One Elasticsearch node. */
export function elasticsearchServer(site: ClusterSite): ServerDefinition {
  return {
    name: 'elasticsearch',
    port: site.ports.elasticsearch,
    prepare: (report) => prepare(site, report),
    check: () => checkHealth(site),
  };
}

/** The address for clients. */
export function elasticsearchUrl(site: ClusterSite): string {
  return `${site.security === undefined ? 'http' : 'https'}://127.0.0.1:${site.ports.elasticsearch}`;
}

/** The file with the certificate of the authority that signed the node's own; undefined without security. */
export function elasticsearchAuthority(site: ClusterSite): string | undefined {
  return site.security === undefined ? undefined : join(site.directory, 'elasticsearch', 'config', 'certs', 'ca.crt');
}

async function prepare(site: ClusterSite, report: (line: string) => void): Promise<Command> {
  const java = await findJava(site.environment);
  const home = await artifact('elasticsearch', site.environment, report);
  const directory = join(site.directory, 'elasticsearch');
  const config = join(directory, 'config');
  const places = { data: join(directory, 'data'), logs: join(directory, 'logs'), temporary: join(directory, 'tmp') };
  for (const place of Object.values(places)) await mkdir(place, { recursive: true });
  if (!existsSync(config)) await cp(join(home, 'config'), config, { recursive: true });
  const { elasticsearch: port, elasticsearchTransport: transport } = site.ports;
  const values = { ...places, port, transport, security: String(site.security !== undefined) };
  const tls = site.security === undefined ? '' : await readTls(config);
  await writeFile(join(config, 'elasticsearch.yml'), (await fillTemplate('elasticsearch.yml', values)) + tls);
  const env = {
    ...site.environment,
    ES_JAVA_HOME: java.home,
    ES_PATH_CONF: config,
    ES_TMPDIR: places.temporary,
    ES_JAVA_OPTS: HEAP,
  };
  const keystore = commandOf(join(home, 'bin', 'elasticsearch-keystore'), directory, env);
  if (site.security !== undefined) await storePassword(keystore, join(config, 'elasticsearch.keystore'), site.security.password);
  return commandOf(join(home, 'bin', 'elasticsearch'), directory, env);
}

async function readTls(config: string): Promise<string> {
  await makeCertificates(join(config, 'certs'));
  return fillTemplate('elasticsearch-tls.yml', {});
}

/**
 * How to run a script of Elasticsearch, by bash since the archive has no execute bits. Elasticsearch refuses to run as root, so
 * root becomes nobody and keeps one right, to pass by file permissions: then its files may be anywhere, also below a home that is
 * closed to others. (`no_setuid_fixup` makes access(2) honour that right; otherwise Java believes its own jars unreadable.)
 */
function commandOf(script: string, cwd: string, env: NodeJS.ProcessEnv): Command {
  if (process.getuid?.() !== 0) return { program: 'bash', args: [script], cwd, env };
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const rights = ['--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { program: 'setpriv', args: [...nobody, ...rights, '--', 'bash', script], cwd, env };
}

/** Makes the keystore with the password of the user `elastic`, which security takes over at the first start. */
async function storePassword(keystore: Command, file: string, password: string): Promise<void> {
  const { program, args, cwd, env } = keystore;
  if (!existsSync(file)) await runScript(program, [...args, 'create'], { cwd, env });
  const child = spawn(program, [...args, 'add', '--stdin', '--force', 'bootstrap.password'], {
    cwd,
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end(`${password}\n`);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`elasticsearch-keystore ended with code ${code} when it was to store the password`);
}

const runFile = promisify(execFile);

async function runScript(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  try {
    await runFile(program, args, options);
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT' && program === 'setpriv';
    throw absent ? new MillraceError('CLUSTER_ROOT', { reason: 'there is no setpriv to become another user with' }) : error;
  }
}

async function checkHealth(site: ClusterSite): Promise<void> {
  const { status, body } = await get(site, '/_cluster/health');
  if (status !== 200) throw new Error(`its health request is answered with status ${status}`);
  const health = (JSON.parse(body) as { status: string }).status;
  if (health === 'red') throw new Error('its health is red');
}

async function get(site: ClusterSite, path: string): Promise<{ status: number; body: string }> {
  const authority = elasticsearchAuthority(site);
  const url = elasticsearchUrl(site) + path;
  const signal = AbortSignal.timeout(5_000);
  const request =
    authority === undefined || site.security === undefined
      ? requestHttp(url, { signal, agent: false })
      : requestHttps(url, { signal, agent: false, ca: await readFile(authority), auth: `elastic:${site.security.password}` });
  request.end();
  const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}
