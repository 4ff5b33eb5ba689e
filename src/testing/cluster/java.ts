import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { MillraceError, reasonOf } from '../../errors/index.ts';
import { CONFIG_DIRECTORY } from './artifacts.ts';

const run = promisify(execFile);

/** Kafka 3.9's brokers run on Java 8 and later, Elasticsearch 8.19 on 17 and later. */
const OLDEST = 17;

export interface Java {
  readonly home: string;
  /** The path of the `java` program. */
  readonly program: string;
}

/** The Java to run the servers with: that of JAVA_HOME, else the one on PATH. */
export async function findJava(environment: NodeJS.ProcessEnv): Promise<Java> {
  const home = environment['JAVA_HOME'];
  const program = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  let properties: string;
  try {
    // The settings are printed on standard error.
    properties = (await run(program, ['-XshowSettings:properties', '-version'], { env: environment })).stderr;
  } catch (error) {
    throw new MillraceError('CLUSTER_JAVA_MISSING', { reason: missing(error, program) }, { cause: error });
  }
  const version = property(properties, 'java.specification.version');
  // Java 8 calls itself 1.8.
  if (Number.parseInt(version, 10) < OLDEST)
    throw new MillraceError('CLUSTER_JAVA_MISSING', { reason: `${program} is Java ${version}` });
  const javaHome = property(properties, 'java.home');
  return { home: javaHome, program: join(javaHome, 'bin', 'java') };
}

/** Java's own arguments for a server of Kafka's distribution, whose warnings go to standard output. */
export function javaArguments(jars: string, heapMb: number): string[] {
  const logging = pathToFileURL(join(CONFIG_DIRECTORY, 'log4j.properties'));
  return [`-Xmx${heapMb}m`, `-Dlog4j.configuration=${logging.href}`, '-cp', join(jars, '*')];
}

function property(output: string, name: string): string {
  const line = output.split('\n').find((each) => each.trim().startsWith(`${name} =`));
  return line?.slice(line.indexOf('=') + 1).trim() ?? '';
}

function missing(error: unknown, program: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' ? `there is no ${program}` : `${program} does not run (${reasonOf(error).trim()})`;
}
