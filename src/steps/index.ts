import type { StepDefinition } from '../sdk/step.ts';
import { absence } from './absence.ts';
import { alert } from './alert.ts';
import { changes } from './changes.ts';
import { compare } from './compare.ts';
import { convert } from './convert.ts';
import { deduplicate } from './deduplicate.ts';
import { filter } from './filter.ts';
import { flatten } from './flatten.ts';
import { geoip } from './geoip.ts';
import { httpLookup } from './http-lookup.ts';
import { join } from './join.ts';
import { keep } from './keep.ts';
import { lookup } from './lookup.ts';
import { map } from './map.ts';
import { parse } from './parse.ts';
import { pattern } from './pattern.ts';
import { redact } from './redact.ts';
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import { route } from './route.ts';
import { running } from './running.ts';
import { sample } from './sample.ts';
import { set } from './set.ts';
import { split } from './split.ts';
import { throttle } from './throttle.ts';
import { timestamp } from './timestamp.ts';
import { window } from './window.ts';

/** The built-in steps, by the key that they have in a pipeline file. */
export const steps: ReadonlyMap<string, StepDefinition> = new Map<string, StepDefinition>(
  [
    ...[parse, timestamp, convert, set, map, keep, remove, rename, flatten, redact],
    ...[geoip, lookup, httpLookup, filter, sample, split, route],
    ...[window, join, deduplicate],
    ...[pattern, running, changes, throttle, absence, compare, alert],
  ].map((step) => [step.kind, step as StepDefinition]),
);
