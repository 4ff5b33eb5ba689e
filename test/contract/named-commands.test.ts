import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { type ErrorCode, errorMessage, errors } from '../../src/errors/index.ts';
import { shellWord } from '../../src/topology/reset-place.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The real parser, whose commands do nothing. */
function parserThatActsNot(): Command {
  const program = createProgram();
  const quiet = (command: Command): void => {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
    for (const one of command.commands) quiet(one);
  };
  quiet(program);
  return program;
}

/** A command line as a shell takes it apart, as far as ours need it: words, single quotes, comments, output sent to a file. */
function words(line: string): string[] {
  const found = line.replace(/\s+(#|>|<).*$/, '').matchAll(/(?:'[^']*'|\\.|[^\s'])+/g);
  return [...found].map(([word]) => word.replaceAll(/'([^']*)'|\\(.)/g, '$1$2'));
}

const parse = async (line: string): Promise<unknown> => {
  const [, ...args] = words(line.replace(/^npx /, ''));
  return await parserThatActsNot().parseAsync(args, { from: 'user' });
};

/** What stands for the places of a message: values that need no quotes. */
const filled = (code: ErrorCode): string => errorMessage(code).replaceAll(/\{\w+\}/g, 'some-value');

const ofMessages = Object.keys(errors).flatMap((code) =>
  [...filled(code as ErrorCode).matchAll(/`((?:npx )?millrace [^`]+)`/g)].map(([, line]) => [code, line as string] as const),
);

const pages = ['README.md', 'pipelines/README.md', ...readdirSync(`${root}docs/guide`).map((name) => `docs/guide/${name}`)];
const ofPages = pages.flatMap((page) =>
  [...readFileSync(root + page, 'utf8').matchAll(/^ {4}(npx millrace .*)$/gm)].map(([, line]) => [page, line as string] as const),
);

describe('the commands that are named', () => {
  it('there are some in messages and in the guide', () => {
    expect(ofMessages.length).toBeGreaterThan(2);
    expect(ofPages.length).toBeGreaterThan(10);
  });

  it.each(ofMessages)('%s: %s can be run as it is written', async (_code, line) => {
    await expect(parse(line)).resolves.toBeDefined();
  });

  it.each(['/srv/my pipelines/a.yaml', "/srv/it's.yaml", '/srv/$HOME;x.yaml', '/srv/a.yaml'])(
    'the path %s is one word',
    (path) => {
      expect(words(`millrace reset ${shellWord(path)} --to beginning`)).toEqual(['millrace', 'reset', path, '--to', 'beginning']);
    },
  );

  it.each(ofPages)('%s: %s can be run as it is written', async (_page, line) => {
    await expect(parse(line)).resolves.toBeDefined();
  });
});
