import { ParseFailure, type TextParser } from '../parser.ts';
import type { Definitions } from './expand.ts';
import { explain } from './explain.ts';
import { compilePattern, NO_MATCH } from './grok-pattern.ts';
import { libraries } from './library/index.ts';

/** The options of the format `grok`. */
export interface GrokOptions {
  /** One pattern, or several that are tried in their order. */
  readonly patterns: readonly string[];
  readonly pattern_definitions?: Readonly<Record<string, string>> | undefined;
  /** Whether the library's patterns name their fields by ECS. */
  readonly ecs?: boolean | undefined;
}

/** The library's patterns and the user's own, which win. */
export function definitionsOf({ pattern_definitions, ecs = true }: Omit<GrokOptions, 'patterns'>): Definitions {
  const library = ecs ? libraries.ecs : libraries.legacy;
  if (pattern_definitions === undefined) return library;
  return new Map([...library, ...Object.entries(pattern_definitions)]);
}

/** Makes a reader by grok patterns that have passed `checkGrok`. The first that matches gives the fields. */
export function grokParser(options: GrokOptions): TextParser {
  const definitions = definitionsOf(options);
  const patterns = options.patterns.map((pattern) => compilePattern(pattern, definitions));
  const only = patterns.length === 1 ? patterns[0] : undefined;
  if (only !== undefined) {
    const why = explain(options.patterns[0] as string, definitions);
    return (text) => {
      const fields = only.match(text);
      return fields === NO_MATCH ? why(text) : fields;
    };
  }
  const none = new ParseFailure(`none of the ${patterns.length} patterns matches`);
  return (text) => {
    let failure = none;
    for (const pattern of patterns) {
      const fields = pattern.match(text);
      if (!(fields instanceof ParseFailure)) return fields;
      if (fields !== NO_MATCH) failure = fields;
    }
    return failure;
  };
}
