import { compileExpression, defaultScope } from '../../src/expression/index.ts';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';

/** What an expression gives for a record of this value. */
export function evaluate(text: string, value: JsonObject = {}): JsonValue | undefined {
  const result = compileExpression(text, defaultScope);
  if (!result.ok) throw new Error(`${text}: ${result.errors.map(({ message }) => message).join('; ')}`);
  const record = new StreamRecord();
  record.value = value;
  return result.evaluate(record);
}

/** What is said of an expression when it is loaded, as one text. */
export function complaint(text: string): string {
  const result = compileExpression(text, defaultScope);
  return result.ok ? '' : result.errors.map(({ message }) => message).join('; ');
}
