/** The columns of a line, parted by tabs. */
export function tabSeparated(columns: readonly string[]): string {
  return columns.join('\\t');
}

/** What may be missing: then the log has a dash. */
export function orDash(pattern: string): string {
  return `(?:-|${pattern})`;
}
