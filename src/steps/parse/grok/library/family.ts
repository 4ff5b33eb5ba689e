/** Named patterns. A value is a regular expression in which `%{NAME:field:type}` stands for another pattern. */
export type Patterns = Readonly<Record<string, string>>;

/** The patterns for one kind of log in both naming schemes: Logstash's own of old, and Elastic Common Schema 1. */
export interface PatternFamily {
  readonly legacy: Patterns;
  readonly ecs: Patterns;
}
