import { addresses } from './addresses.ts';
import type { PatternFamily, Patterns } from './family.ts';
import { times } from './times.ts';

const { raw } = String;

/** One of a level's names, in lower case: what it begins with, and how it may go on. */
const LEVELS: readonly (readonly [start: string, ...more: string[]])[] = [
  ['alert'],
  ['trace'],
  ['debug'],
  ['notice'],
  ['inf', 'o', 'rmation'],
  ['war', 'n', 'ing'],
  ['er', 'r', 'or'],
  ['cri', 't', 'ical'],
  ['fatal'],
  ['severe'],
  ['emerg', 'ency'],
];

/** A level may be written `error`, `Error` or `ERROR`. */
function levelNames(): string {
  const optional = (parts: readonly string[]): string =>
    parts.map((part) => (part.length > 1 ? `(?:${part})?` : `${part}?`)).join('');
  return LEVELS.flatMap(([start, ...more]) => {
    const initial = start.charAt(0);
    return [
      `[${initial.toUpperCase()}${initial}]${start.slice(1)}${optional(more)}`,
      `${start.toUpperCase()}${optional(more.map((part) => part.toUpperCase()))}`,
    ];
  }).join('|');
}

const words: Patterns = {
  USERNAME: raw`[\w.-]+`,
  USER: '%{USERNAME}',
  INT: '[+-]?[0-9]+',
  // The longest number there is, and no part of it: what Oniguruma would write as an atomic group.
  BASE10NUM: raw`(?<![0-9.+-])[+-]?(?:[0-9]+\.[0-9]+|[0-9]+(?!\.[0-9])|\.[0-9]+)(?![0-9])`,
  NUMBER: '%{BASE10NUM}',
  BASE16NUM: '(?<![0-9A-Fa-f])[+-]?(?:0x)?[0-9A-Fa-f]+',
  BASE16FLOAT: raw`\b(?<![0-9A-Fa-f.])[+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)\b`,
  POSINT: raw`\b[1-9][0-9]*\b`,
  NONNEGINT: raw`\b[0-9]+\b`,
  WORD: raw`\b\w+\b`,
  NOTSPACE: raw`\S+`,
  SPACE: raw`\s*`,
  DATA: '.*?',
  GREEDYDATA: '.*',
  QUOTEDSTRING: raw`(?<!\\)(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'|\x60[^\x60\\]*(?:\\.[^\x60\\]*)*\x60)`,
  QS: '%{QUOTEDSTRING}',
  UUID: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}',
  /** RFC 2141, with the characters that its section 2.3 reserves. */
  URN: raw`urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:[0-9A-Za-z()+,.:=@;$_!*'/?#-]|%[0-9A-Fa-f]{2})+`,
  PROG: raw`[!-Z\\^-~]+`,
  SYSLOGHOST: '%{IPORHOST}',
  LOGLEVEL: `(?:${levelNames()})`,
};

/** The characters of an address before its `@` that RFC 5322 lets stand without quotes. */
const ATEXT = raw`[\w!#$%&'*+\-/=?^\x60{|}~]`;

export const base: PatternFamily = {
  legacy: {
    ...words,
    ...addresses.legacy,
    ...times.legacy,
    EMAILLOCALPART: raw`[A-Za-z][\w+,\-./:;<=]+`,
    EMAILADDRESS: '%{EMAILLOCALPART}@%{HOSTNAME}',
    SYSLOGPROG: raw`%{PROG:program}(?:\[%{POSINT:pid}\])?`,
    SYSLOGFACILITY: raw`<%{NONNEGINT:facility}.%{NONNEGINT:priority}>`,
    SYSLOGBASE: '%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:',
  },
  ecs: {
    ...words,
    ...addresses.ecs,
    ...times.ecs,
    EMAILLOCALPART: raw`${ATEXT}{1,64}(?:\.${ATEXT}{1,62}){0,63}`,
    EMAILADDRESS: '%{EMAILLOCALPART}@%{HOSTNAME}',
    SYSLOGPROG: raw`%{PROG:[process][name]}(?:\[%{POSINT:[process][pid]:int}\])?`,
    SYSLOGFACILITY: '<%{NONNEGINT:[log][syslog][facility][code]:int}.%{NONNEGINT:[log][syslog][priority]:int}>',
    SYSLOGBASE: '%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:[host][hostname]} %{SYSLOGPROG}:',
  },
};
