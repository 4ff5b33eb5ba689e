import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { artifact } from './artifacts.ts';
import { findJava } from './java.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-java-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function installJava(version: string): Promise<void> {
  const program = join(directory, 'bin', 'java');
  await mkdir(join(directory, 'bin'));
  await writeFile(
    program,
    `#!/bin/sh\necho "    java.home = ${directory}" >&2\necho "    java.specification.version = ${version}" >&2\n`,
  );
  await chmod(program, 0o755);
}

it('finds the Java of JAVA_HOME', async () => {
  await installJava('21');
  expect(await findJava({ JAVA_HOME: directory })).toEqual({ home: directory, program: join(directory, 'bin', 'java') });
});

it.each(['1.8', '11', '16'])('refuses Java %s', async (version) => {
  await installJava(version);
  await expect(findJava({ JAVA_HOME: directory })).rejects.toThrow(
    `it needs Java 17 or later, but ${directory}/bin/java is Java ${version}; install`,
  );
});

it('says how to get Java where there is none', async () => {
  await expect(findJava({ PATH: directory })).rejects.toThrow(/but there is no java; install a JDK .*openjdk-17-jdk-headless/);
});

it('says how to get Maven where there is none', async () => {
  const environment = { PATH: directory, MILLRACE_CACHE_DIR: join(directory, 'cache') };
  await expect(artifact('kafka', environment, () => {})).rejects.toThrow(
    /there is no mvn on PATH; install it .*apt install maven/,
  );
});
