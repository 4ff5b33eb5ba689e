/**
 * What an operator reads. `warn`: odd, nothing lost. `error`: data lost, or a human must act. Never a line per record.
 * Line breaks and escape characters in fields are escaped by the writer.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
