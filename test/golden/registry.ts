import { connectors } from '../../connectors/index.ts';
import type { Registry } from '../../src/config/index.ts';
import { steps } from '../../src/steps/index.ts';

/** The built-in steps and connectors. */
export const registry: Registry = { steps, ...connectors };
