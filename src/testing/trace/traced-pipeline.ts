import { type AsyncStepDefinition, isAsync } from '../../sdk/async-step.ts';
import { isStateful } from '../../sdk/operator.ts';
import { isProcessor } from '../../sdk/processor.ts';
import type { StepDefinition } from '../../sdk/step.ts';
import type { Pipeline, StepNode, TaskNode } from '../../topology/types.ts';
import { arrival, fail, type StepPlace, settle, type Tracer } from './step-event.ts';
import { tracedStateful } from './traced-operator.ts';
import { tracedProcessor } from './traced-processor.ts';

/**
 * A pipeline whose steps tell what they do. Each step is wrapped where the pipeline is made, so that one which is not traced has
 * nothing to do with it.
 */
export function traced(pipeline: Pipeline, tracer: Tracer): Pipeline {
  const steps = <Node extends TaskNode>(node: Node): Node => ({
    ...node,
    steps: node.steps.map((step) =>
      tracedStep(step, { kind: node.kind, node: node.name, id: step.id, step: step.definition.kind }, tracer),
    ),
  });
  const { sources, streams, sinks } = pipeline;
  return { ...pipeline, sources: sources.map(steps), streams: streams.map(steps), sinks: sinks.map(steps) };
}

function tracedStep(step: StepNode, place: StepPlace, tracer: Tracer): StepNode {
  return { ...step, definition: tracedDefinition(step.definition, place, tracer) };
}

function tracedDefinition(definition: StepDefinition, place: StepPlace, tracer: Tracer): StepDefinition {
  if (isProcessor(definition)) return tracedProcessor(definition, place, tracer);
  if (isStateful(definition)) return tracedStateful(definition, place, tracer);
  if (isAsync(definition)) return tracedAsync(definition, place, tracer);
  // Without the short way, which goes past the step.
  const { byteWay: _, ...rest } = definition;
  return {
    ...rest,
    create(options, context) {
      const run = definition.create(options, context);
      return (record) => {
        const event = arrival(place, record);
        tracer(event);
        try {
          const outcome = run(record);
          settle(event, outcome, record.value);
          return outcome;
        } catch (error) {
          fail(event, error, 'STEP_THREW');
          throw error;
        }
      };
    },
  };
}

function tracedAsync(definition: AsyncStepDefinition, place: StepPlace, tracer: Tracer): AsyncStepDefinition {
  return {
    ...definition,
    createAsync(options, context) {
      const step = definition.createAsync(options, context);
      return {
        async process(records, signal) {
          const events = records.map((record) => arrival(place, record));
          for (const event of events) tracer(event);
          const outcomes = await step.process(records, signal);
          for (const [i, record] of records.entries()) settle(events[i] as (typeof events)[number], outcomes[i], record.value);
          return outcomes;
        },
      };
    },
  };
}
