import { isMillraceError, type MillraceError, reasonOf } from '../errors/index.ts';
import type { ProcessorDefinition } from '../sdk/processor.ts';
import { workIn } from '../stream/processor/work-in.ts';
import type { Plugin } from './plugin.ts';

/** A processor of a plugin. It costs a record at most by itself; what it throws is told with the plugin's name and place. */
export function containProcessor(definition: ProcessorDefinition, plugin: Plugin): ProcessorDefinition {
  const faultOf = (error: unknown): MillraceError =>
    isMillraceError(error) ? plugin.fault('PLUGIN_FAULT', { reason: reasonOf(error) }, error) : plugin.threw(error);
  const { processor } = definition;
  const setup: typeof processor.setup = (options, context) => {
    try {
      const work = plugin.run(() => processor.setup(options, context));
      return workIn(work, plugin.run);
    } catch (error) {
      throw isMillraceError(error) ? error : plugin.threw(error);
    }
  };
  return { ...definition, processor: { ...processor, setup, faultOf } };
}
