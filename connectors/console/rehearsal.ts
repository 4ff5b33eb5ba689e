import { isJsonObject, type JsonValue, type SinkRehearsal } from 'millrace/sdk';
import type { ConsoleConfig } from './config.ts';
import { ConsoleSink, type Output } from './sink.ts';

/** The sink with what it prints kept: a line each, as text, or as the value that a line of JSON is. */
export function rehearse(config: ConsoleConfig): SinkRehearsal {
  const lines: JsonValue[] = [];
  const output: Output = {
    write(text, done) {
      for (const line of text.split('\n').slice(0, -1)) lines.push(config.format === 'json' ? recordIn(line) : line);
      done();
      return true;
    },
    on: () => undefined,
    off: () => undefined,
  };
  return { sink: new ConsoleSink(config, output), delivered: () => lines };
}

function recordIn(line: string): JsonValue {
  try {
    const value = JSON.parse(line) as JsonValue;
    return isJsonObject(value) ? value : line;
  } catch {
    return line;
  }
}
