import { type FieldPath, parsePath } from '../../record/path.ts';
import type { InputSide } from '../../sdk/operator.ts';
import { CompiledOption } from '../../sdk/option.ts';
import type { JoinOptions } from './options.ts';

/** The expression by which the records of a side are joined. */
export function keyOf({ on }: JoinOptions, side: InputSide): CompiledOption {
  if (on instanceof CompiledOption) return on;
  return side === 'main' ? on.left : on.right;
}

/** The path that an expression is, where it is one and no more. */
export function plainPath(text: string): FieldPath | undefined {
  const isPath = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text.trim()) && !/^(true|false|null|undefined)$/.test(text.trim());
  return isPath ? parsePath(text.trim()) : undefined;
}
