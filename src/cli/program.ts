import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../sdk/clock.ts';
import { parseDuration } from '../sdk/schema.ts';
import { millraceVersion } from '../sdk/version.ts';
import { Exit } from './exit.ts';
import { parseMoment } from './moment.ts';

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('it must be a whole number of 1 or more');
  return value;
}

function moment(text: string): number {
  const at = parseMoment(text, systemClock.now());
  if (at === undefined) throw new InvalidArgumentError('write how long ago (30m, 2h, 7d) or a time (2026-01-31T12:00:00Z)');
  return at;
}

function span(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('write a number and a unit: 500ms, 10s, 5m, 1h');
  return ms;
}

function collect(value: string, all: readonly string[] = []): string[] {
  return [...all, value];
}

/** Adds the options of commands that need settings. */
function withSettings(command: Command): Command {
  return command
    .option('-p, --profile <name>', 'settings overlay: embedded, local, production, or ./config/<name>.yaml')
    .option('-c, --config <file>', 'a further settings file, laid over the profile', collect)
    .option('-s, --set <setting=value>', 'one setting, such as kafka.brokers=127.0.0.1:9092', collect);
}

/** The commands with their arguments and options; what a command does is loaded when it runs. */
export function createProgram(): Command {
  const program = new Command('millrace')
    .description('Log collection and stream processing on Kafka: nothing lost and nothing twice, from one readable file.')
    .version(millraceVersion())
    .showHelpAfterError('(`millrace --help` lists the commands)')
    .showSuggestionAfterError();
  const act =
    (work: (...args: never[]) => Promise<number>) =>
    async (...args: unknown[]) => {
      const code = await work(...(args as never[]));
      // A plugin may have failed meanwhile where nobody waits for it.
      if (code !== Exit.done || process.exitCode === undefined) process.exitCode = code;
    };
  withSettings(program.command('run').description('run pipelines').argument('<pipeline...>', 'pipeline files'))
    .option('--once', 'process all there is, then end with a summary')
    .option('-n, --instances <n>', 'processes on this machine', positive)
    .option('-w, --watch', 'let edited pipelines and plugins take the place of what runs, between two micro-batches')
    .addOption(program.createOption('--worker').hideHelp())
    .action(act(async (files: string[], options: object) => (await import('./run.ts')).run(files, options)));
  program
    .command('validate')
    .description('check pipeline files; nothing connects')
    .argument('<pipeline...>', 'pipeline files')
    .action(act(async (files: string[]) => (await import('./validate.ts')).validate(files)));
  program
    .command('graph')
    .description('show what feeds what')
    .argument('<pipeline>', 'a pipeline file')
    .addOption(program.createOption('-f, --format <format>', 'how').choices(['text', 'mermaid', 'json']).default('text'))
    .option('-t, --types', 'show what is known of the fields of records, step by step')
    .action(act(async (file: string, options: { format: string }) => (await import('./validate.ts')).graph(file, options)));
  addCommandsInMemory(program, act);
  withSettings(program.command('doctor').description('look at the installation, Kafka, ZooKeeper, topics and destinations'))
    .argument('[pipeline...]', 'pipelines whose topics and destinations to look at')
    .action(act(async (files: string[], options: object) => (await import('./doctor.ts')).doctor(files, options)));
  withSettings(program.command('reset').description('choose where tasks go on reading; stop the pipeline first'))
    .argument('<pipeline>', 'a pipeline file')
    .requiredOption('--to <where>', 'beginning or end')
    .option('-t, --task <name>', 'only this source, stream or sink (may be repeated)', collect)
    .option('--new-ids', 'give the topics a new incarnation: what is delivered from now on counts as never delivered before')
    .action(act(async (file: string, options: never) => (await import('./reset.ts')).reset(file, options)));
  addDeadLetterCommands(program, act);
  addAuthorCommands(program, act);
  withSettings(
    program.command('quickstart').description('write a log and ship it by the pipelines/quickstart.yaml, on the embedded broker'),
  )
    .option('--lines <n>', 'lines of the log', positive)
    .action(act(async (options: object) => (await import('./quickstart.ts')).quickstart(options)));
  program.exitOverride();
  for (const command of program.commands) for (const one of [command, ...command.commands]) one.exitOverride();
  return program;
}

/** Commands that run pipelines in memory: nothing connects. */
function addCommandsInMemory(
  program: Command,
  act: (work: (...args: never[]) => Promise<number>) => (...args: unknown[]) => Promise<void>,
): void {
  program
    .command('test')
    .description('run the tests of pipelines (*.test.yaml), in memory and on a clock of their own')
    .argument('[path...]', 'test files, or directories to search; default: this one')
    .option('-f, --filter <text>', 'only tests with this text in their name')
    .addOption(program.createOption('-r, --reporter <reporter>', 'how').choices(['text', 'junit']).default('text'))
    .option('--coverage', 'show which steps the tests reached, and what these did')
    .option('-o, --output <file>', 'where the junit reporter writes to; default: standard output')
    .action(act(async (paths: string[], options: never) => (await import('./test.ts')).test(paths, options)));
  program
    .command('explain')
    .description('show what each step does with records from standard input, one a line; nothing connects')
    .argument('<pipeline>', 'a pipeline file')
    .option('-t, --task <name>', 'the source, stream or sink that the records go to; default: where the pipeline begins')
    .option('-s, --step <id>', 'only this step')
    .option('--types', 'also what is known of any record behind each step')
    .addOption(program.createOption('-f, --format <format>', 'how').choices(['text', 'json']).default('text'))
    .option('--now <time>', 'what time it is (2026-01-31T12:00:00Z); default: now', moment)
    .option('--advance <span>', 'so much later at the end (5m), for windows that close by the clock', span)
    .action(act(async (file: string, options: never) => (await import('./explain.ts')).explainRecords(file, options)));
}

/** Commands for whoever writes pipelines and plugins. */
function addAuthorCommands(
  program: Command,
  act: (work: (...args: never[]) => Promise<number>) => (...args: unknown[]) => Promise<void>,
): void {
  program
    .command('new')
    .description('write a working example with its test')
    .argument('<what>', 'pipeline, processor, function, parser, source or sink')
    .argument('<name>', 'its name, such as bot-score')
    .option('-d, --directory <path>', 'where to', '.')
    .action(
      act(async (what: string, name: string, options: { directory: string }) =>
        (await import('./new.ts')).writeExample(what, name, options),
      ),
    );
  program
    .command('schema')
    .description('print the JSON Schema of pipeline files, for editors')
    .argument('[pipeline...]', 'pipeline files whose plugins to have in it')
    .option('--tests', 'that of test files (*.test.yaml) in its place')
    .action(
      act(async (files: string[], { tests }: { tests?: true }) =>
        tests === true ? (await import('./schema.ts')).testSchema() : (await import('./schema.ts')).schema(files),
      ),
    );
}

function addDeadLetterCommands(
  program: Command,
  act: (work: (...args: never[]) => Promise<number>) => (...args: unknown[]) => Promise<void>,
): void {
  const dlq = program.command('dlq').description('records that could not be processed or delivered');
  const filtered = (name: string, text: string): Command =>
    withSettings(dlq.command(name).description(text).argument('<pipeline>', 'a pipeline file'))
      .option('--component <name>', 'only those of this source, stream or sink')
      .option('--code <code>', 'only those with this error code')
      .option('--step <id>', 'only those that this step gave up')
      .option('--topic <name>', 'only those that first came from this topic')
      .option('--since <time>', 'only those given up since: 2h (ago), or 2026-01-31T12:00:00Z', moment)
      .option('--until <time>', 'only those given up before: 30m (ago), or 2026-01-31T12:00:00Z', moment);
  filtered('list', 'how many there are, by component, step and reason')
    .option('--limit <n>', 'at most so many kinds', positive)
    .action(act(async (file: string, options: object) => (await import('./dlq.ts')).list(file, options)));
  filtered('show', 'the records with their reasons')
    .option('--limit <n>', 'at most so many, the newest', positive)
    .action(act(async (file: string, options: object) => (await import('./dlq.ts')).show(file, options)));
  filtered('replay', 'hand them back to the component that gave them up, once what was wrong is mended')
    .option('--limit <n>', 'at most so many, the oldest', positive)
    .action(act(async (file: string, options: object) => (await import('./dlq.ts')).replay(file, options)));
}
