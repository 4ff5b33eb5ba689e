import { CommanderError } from 'commander';
import { isMillraceError, reasonOf } from '../errors/index.ts';
import { Exit, ExitError } from './context.ts';
import { createProgram } from './program.ts';

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
  process.stderr.write(`millrace: error${code}: ${reasonOf(error)}\n`);
  if (process.env['MILLRACE_TRACE'] !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return Exit.failed;
}

await main();
