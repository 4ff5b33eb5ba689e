import { pino } from 'pino';
import type { Logger } from '../sdk/logger.ts';

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `text`: a line to read; `json`: a line to ship. */
  readonly format: 'text' | 'json';
  readonly write: (line: string) => void;
  readonly now: () => number;
}

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof LEVELS;

/** Writes log lines. JSON lines are pino's; text lines are for people at a terminal. */
export function createLogger(options: LoggerOptions): Logger {
  if (options.format === 'json') {
    const base = pino(
      {
        level: options.level,
        base: null,
        formatters: { level: (level) => ({ level }) },
        timestamp: () => `,"time":"${new Date(options.now()).toISOString()}"`,
      },
      { write: options.write },
    );
    const at =
      (level: Level): Logger['info'] =>
      (message, fields = {}) => {
        base[level](fields, message);
      };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
  const at =
    (level: Level): Logger['info'] =>
    (message, fields = {}) => {
      if (LEVELS[level] < LEVELS[options.level]) return;
      options.write(`${textLine(options.now(), level, message, fields)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function textLine(now: number, level: Level, message: string, fields: Readonly<Record<string, unknown>>): string {
  const time = new Date(now).toISOString().slice(11, 23);
  const details = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  return escapeControls(`${time} ${level.padEnd(5)} ${message}${details === '' ? '' : `  (${details})`}`);
}

/** What comes from outside must not forge a line or move the terminal's cursor. */
function escapeControls(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
