import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject } from '../record/json.ts';
import { knownChecks, learnChecks, type RegExpCheck } from '../sdk/regex.ts';
import { millraceVersion } from '../sdk/version.ts';

/**
 * Does `work` with the answers that earlier runs had about regular expressions: to look for catastrophic backtracking takes some
 * 100 ms for each, which tests would wait for every time. They are kept in the user's directory of caches; where that cannot be used,
 * patterns are looked at anew.
 */
export async function withKnownPatterns<T>(work: () => Promise<T>): Promise<T> {
  learnChecks(stored());
  const before = knownChecks().size;
  try {
    return await work();
  } finally {
    if (knownChecks().size > before) store();
  }
}

function directory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'millrace');
}

const file = (): string => join(directory(), `patterns-${millraceVersion()}.json`);

function stored(): [string, RegExpCheck][] {
  try {
    const answers: unknown = JSON.parse(readFileSync(file(), 'utf8'));
    return isJsonObject(answers)
      ? Object.entries(answers).filter((entry): entry is [string, RegExpCheck & (typeof entry)[1]] => isAnswer(entry[1]))
      : [];
  } catch {
    return [];
  }
}

function isAnswer(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return value['ok'] === true
    ? typeof value['maxInput'] === 'number'
    : value['ok'] === false && typeof value['reason'] === 'string';
}

/** By a name of its own first: another process may read meanwhile. */
function store(): void {
  const own = `${file()}.${process.pid}`;
  try {
    mkdirSync(directory(), { recursive: true });
    writeFileSync(own, JSON.stringify(Object.fromEntries(knownChecks())));
    renameSync(own, file());
  } catch {
    // Without a cache it takes longer, and that is all.
  }
}
