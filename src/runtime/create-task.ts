import type { ComponentStats } from '../telemetry/stats.ts';
import type { TaskNode } from '../topology/types.ts';
import { SinkTask } from './sink-task.ts';
import { SourceTask } from './source-task.ts';
import { StreamTask } from './stream-task.ts';
import type { Task, TaskEnvironment } from './task.ts';

/** The task of a node of the pipeline, not yet started. */
export function createTask(node: TaskNode, shared: TaskEnvironment, stats: ComponentStats): Task {
  const environment = { ...shared, metrics: stats.pluginMetrics };
  switch (node.kind) {
    case 'source':
      return new SourceTask(node, environment, stats);
    case 'stream':
      return new StreamTask(node, environment, stats);
    case 'sink':
      return new SinkTask(node, environment, stats);
  }
}
