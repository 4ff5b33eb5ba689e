import { nowhere } from './lib/half.ts';

export const somewhere: unknown = nowhere;
