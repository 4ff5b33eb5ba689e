import type { Candidate } from './options.ts';
import { ParseFailure, type TextParser } from './parser.ts';

/** The formats of a step, as one parser. */
export interface FormatList {
  /** For messages: `json, logfmt or syslog`. */
  readonly name: string;
  readonly parse: TextParser;
  /** The name of the format that the text parsed last was in. */
  winner(): string;
}

/** Makes one parser of the formats: the first that fits wins, and where none does, the reason names each one's. */
export function formatListOf(candidates: readonly Candidate[]): FormatList {
  const last = candidates.length - 1;
  const tried = candidates.map(({ name, text, options }, i) => ({ name, parse: text.create(options, i < last) }));
  const names = tried.map(({ name }) => name);
  const [first] = tried;
  if (first !== undefined && last === 0) return { name: first.name, parse: first.parse, winner: () => first.name };
  let winner = '';
  // One for all texts: most are in one of the formats, and then nobody reads it.
  const failures: ParseFailure[] = [];
  return {
    name: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
    winner: () => winner,
    parse: (text, at) => {
      for (let i = 0; i <= last; i += 1) {
        const { name, parse } = tried[i] as (typeof tried)[number];
        const parsed = parse(text, at);
        if (!(parsed instanceof ParseFailure)) {
          winner = name;
          return parsed;
        }
        failures[i] = parsed;
      }
      return new ParseFailure(tried.map(({ name }, i) => `${name}: ${failures[i]?.reason}`).join('; '));
    },
  };
}
