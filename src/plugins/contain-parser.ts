import { reasonOf } from '../errors/index.ts';
import { isNotJson, plainCopy } from '../record/json-copy.ts';
import { ParseFailure, type ParserDefinition } from '../sdk/parser.ts';
import { OBJECT } from '../sdk/types/index.ts';
import type { TextFormat } from '../steps/parse/formats.ts';
import type { Plugin } from './plugin.ts';
import { thrownText } from './thrown.ts';

/** A parser of a plugin, as a format of the step `parse`. */
export function containParser(definition: ParserDefinition, plugin: Plugin): TextFormat {
  const { name, summary, options: schema } = definition;
  return {
    summary,
    takes: schema === undefined ? [] : ['options'],
    ...(schema === undefined ? {} : { own: schema }),
    yields: ({ options = {} }) => definition.yields?.(schema?.parse(options)) ?? OBJECT,
    create({ options = {} }) {
      const parse = plugin.run(() => definition.create(schema?.parse(options)));
      const parsed: typeof parse = (text, at) => {
        const result = parse(text, at);
        return result instanceof ParseFailure ? new ParseFailure(reasonOf(result.reason)) : plainCopy(result);
      };
      return (text, at) => {
        try {
          return plugin.run(parsed, text, at);
        } catch (error) {
          const reason = isNotJson(error) ? `it gives no fields: ${error.message}` : thrownText(error);
          throw plugin.fault('PLUGIN_CALL', { name: `the parser ${name}`, reason }, error);
        }
      };
    },
  };
}
