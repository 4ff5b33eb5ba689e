/** What tests of pipelines, processors and connectors import: `millrace/testing`. */
export { VirtualClock } from './virtual-clock.ts';
