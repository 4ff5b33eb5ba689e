import { CommanderError } from 'commander';
import { isMillraceError, reasonOf } from '../errors/index.ts';
import { Exit, ExitError } from './exit.ts';
import { createProgram } from './program.ts';

/** Packages with native code whose install scripts did not run (npm asks for that to be allowed), or ran for another Node.js. */
const NOT_COMPILED =
  /Could not locate the bindings file|build\/Release\/fs_ext\.node|compiled against a different Node\.js version/;
const COMPILE =
  'its native code is not compiled for this Node.js; run `npm install-scripts approve millrace node-rdkafka fs-ext` (from npm 11 on) and `npm rebuild millrace node-rdkafka fs-ext`';

let hasEnded = false;

/** A plugin may end the process while it is loaded; nobody is to take that for a command that has done its work. */
process.on('exit', (code) => {
  if (hasEnded || code !== Exit.done) return;
  process.stderr.write('millrace: the process was ended before the command was done: a plugin may have called process.exit\n');
  process.exitCode = Exit.failed;
});

/** Whoever read the output has what it wanted (`| head`). The console sink has a listener of its own, and tries again. */
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (output.listenerCount('error') > 1) return;
    if (error.code !== 'EPIPE') throw error;
    hasEnded = true;
    process.exit(process.exitCode ?? Exit.done);
  });
}

/** Errors end in a sentence and an exit code, never in a stack trace. */
async function main(): Promise<void> {
  try {
    await createProgram().parseAsync(process.argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.usage;
  if (error instanceof ExitError) {
    if (error.message !== '') process.stderr.write(`millrace: ${error.message}\n`);
    return error.code;
  }
  const code = isMillraceError(error) ? ` ${error.code}` : '';
  const reason = reasonOf(error);
  if (NOT_COMPILED.test(reason)) {
    process.stderr.write(`millrace: ${COMPILE}\n`);
    hasEnded = true;
    // Now, for what else is being loaded would end in a stack trace.
    process.exit(Exit.failed);
  }
  process.stderr.write(`millrace: error${code}: ${reason}\n`);
  if (process.env['MILLRACE_TRACE'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return Exit.failed;
}

await main();
hasEnded = true;
