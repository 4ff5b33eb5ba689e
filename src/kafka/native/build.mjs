/**
 * Builds the native addon that carries record batches between librdkafka and JavaScript. `npm` runs it after an install.
 * It never fails one: without the addon Millrace uses node-rdkafka's own calls, slower but with the same results.
 *
 * `--verbose` shows the compiler's output, `--force` builds even when nothing has changed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const output = join(here, 'build', 'Release', 'millrace_batch.node');
const verbose = process.argv.includes('--verbose');

class Unbuildable extends Error {}

function packageRoot(name) {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    throw new Unbuildable(`the package ${name} is not installed`);
  }
}

/** node-gyp as npm passes it to scripts, else the one that comes with npm. */
function nodeGyp() {
  const candidates = [
    process.env.npm_config_node_gyp,
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
    join(dirname(process.execPath), 'node_modules', 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
  ];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Unbuildable('node-gyp was not found; run this through npm');
  return found;
}

/** The directory with Node's headers from npm's settings, where it is set; node-gyp downloads them otherwise. */
function headersDirectory() {
  if (process.env.npm_config_nodedir) return process.env.npm_config_nodedir;
  const asked = spawnSync('npm', ['config', 'get', 'nodedir'], { encoding: 'utf8' });
  const answer = asked.status === 0 ? asked.stdout.trim() : '';
  return answer === '' || answer === 'undefined' || answer === 'null' ? undefined : answer;
}

/** What the addon's binary form depends on besides its sources, kept beside it. */
const stampPath = join(here, 'build', 'built-for');
const stampFor = (version) => `node ${process.versions.modules} ${process.platform}-${process.arch} node-rdkafka ${version}`;
const sameStamp = (version) => existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stampFor(version);

/** Whether the addon is newer than all it is made of. */
function upToDate(rdkafkaRoot, library, version) {
  if (!existsSync(output) || !sameStamp(version) || process.argv.includes('--force')) return false;
  const built = statSync(output).mtimeMs;
  const sources = readdirSync(here).filter((name) => /\.(cc|h|gyp|mjs)$/.test(name));
  return [...sources.map((name) => join(here, name)), join(rdkafkaRoot, 'package.json'), library].every(
    (path) => statSync(path).mtimeMs < built,
  );
}

function build() {
  const rdkafkaRoot = packageRoot('node-rdkafka');
  const libraryName = process.platform === 'darwin' ? 'librdkafka.dylib' : 'librdkafka.so.1';
  const library = join(rdkafkaRoot, 'build', 'deps', libraryName);
  if (!existsSync(library)) {
    throw new Unbuildable(
      `node-rdkafka is not compiled (${relative(process.cwd(), library)} is missing); run "npm rebuild node-rdkafka"`,
    );
  }
  const version = JSON.parse(readFileSync(join(rdkafkaRoot, 'package.json'), 'utf8')).version.replace(/^v/, '');
  if (upToDate(rdkafkaRoot, library, version)) return;
  const definitions = [
    `-Dnan_root=${packageRoot('nan')}`,
    `-Drdkafka_root=${rdkafkaRoot}`,
    `-Drdkafka_version=${version}`,
    `-Drdkafka_from_output=${relative(dirname(output), rdkafkaRoot)}`,
  ];
  // Only a change of Node or of node-rdkafka makes what is there already useless.
  const nodedir = headersDirectory();
  const headers = nodedir ? [`--nodedir=${nodedir}`] : [];
  if (!sameStamp(version)) gyp('clean');
  gyp('configure', ...headers, '--', ...definitions);
  gyp('build', ...headers);
  writeFileSync(stampPath, stampFor(version));
  console.log('millrace: the native batch addon is built');
}

function gyp(command, ...rest) {
  const run = spawnSync(process.execPath, [nodeGyp(), command, ...rest], {
    cwd: here,
    encoding: 'utf8',
    stdio: verbose ? 'inherit' : 'pipe',
  });
  if (run.status !== 0) {
    // What was built before may not fit the sources of now.
    rmSync(output, { force: true });
    const reason = /error: .*/.exec(`${run.stdout ?? ''}${run.stderr ?? ''}`)?.[0] ?? 'node-gyp failed';
    throw new Unbuildable(`${reason}; run "node src/kafka/native/build.mjs --verbose" to see all of it`);
  }
}

try {
  build();
} catch (error) {
  console.log(`millrace: the native batch addon was not built, so the slower fallback will be used: ${error.message}`);
}
