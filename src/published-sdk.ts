/// <reference types="node" preserve="true" />
/** `millrace/sdk`: what connectors, steps, processors and plugins import. */

export * from './rxjs/index.ts';
export * from './sdk/index.ts';
