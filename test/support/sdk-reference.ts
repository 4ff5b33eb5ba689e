import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The page `docs/reference/sdk.md`. */
export const SDK_PAGE = readFileSync(new URL('../../docs/reference/sdk.md', import.meta.url), 'utf8');

/** A file that a code block of the page is. */
interface PageFile {
  readonly name: string;
  readonly text: string;
}

/** A code block that is run: its text is that of a test. */
interface PageExample extends PageFile {
  /** How many of its lines say what comes of them. */
  readonly assertions: number;
}

/** A section of the page, under a heading of level three. */
interface ReferenceSection {
  readonly title: string;
  /** The exports in its title. */
  readonly names: readonly string[];
  /** Blocks that begin with the name of a file. */
  readonly files: readonly PageFile[];
  readonly examples: readonly PageExample[];
  /** All its TypeScript. */
  readonly code: string;
}

const BLOCK = /```(ts|yaml)\n((?:(?:\/\/|#) (\S+\.(?:ts|yaml))\n)?.*?)```/gs;

/** The sections of the reference of the SDK, with their code blocks as files. */
export function sectionsOf(page: string): ReferenceSection[] {
  const [, ...parts] = page.split(/^### /m);
  return parts.map((part, number) => {
    const title = part.slice(0, part.indexOf('\n'));
    const blocks = [...part.matchAll(BLOCK)].map(([, language, text = '', name]) => ({ language, name, text }));
    return {
      title,
      names: [...title.matchAll(/`(\w+)`/g)].map(([, name]) => name as string),
      files: blocks.flatMap(({ name, text }) => (name === undefined ? [] : [{ name, text }])),
      examples: blocks.flatMap(({ name, text }) => (name === undefined ? [exampleOf(`${number}-${slug(title)}.ts`, text)] : [])),
      code: blocks.flatMap(({ language, text }) => (language === 'ts' ? [text] : [])).join(''),
    };
  });
}

/** Writes all files and examples of the page into one directory. */
export async function writeExamples(directory: string): Promise<void> {
  for (const { files, examples } of sectionsOf(SDK_PAGE)) {
    for (const { name, text } of [...files, ...examples]) await writeFile(join(directory, name), text);
  }
}

function slug(title: string): string {
  return (title.match(/\w+/g) ?? []).join('-');
}

/**
 * `expression; // -> value` is an assertion, and so is `expression; // throws text`.
 */
function exampleOf(name: string, block: string): PageExample {
  let assertions = 0;
  const text = block.replaceAll(/^(\S.*); \/\/ (->|throws) (.*)$/gm, (_, expression: string, kind: string, said: string) => {
    assertions += 1;
    return kind === '->'
      ? `expect(${expression}, ${JSON.stringify(expression)}).toStrictEqual(${said});`
      : `await expect((async () => ${expression})(), ${JSON.stringify(expression)}).rejects.toThrow(${JSON.stringify(said)});`;
  });
  return { name, assertions, text: `import { expect } from 'vitest';\n${text}` };
}
