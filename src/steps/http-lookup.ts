import { defineAsyncStep } from '../sdk/async-step.ts';
import { ANY, setPath } from '../sdk/types/index.ts';
import { HttpLooker } from './http-lookup/looker.ts';
import { type HttpLookupOptions, options } from './http-lookup/options.ts';

export const httpLookup = defineAsyncStep<HttpLookupOptions>({
  kind: 'http_lookup',
  summary: 'Puts what an HTTP server answers, as JSON, into the record.',
  description: [
    'Each question is asked once for all records of a micro-batch that have it, some at once, and answers are kept for a time.',
    'A server that is away, slow or overloaded (408, 425, 429, 5xx) is asked again, with growing waits, for `retry_for`; then the records are rejected. Any other status, an answer that is no JSON or longer than 1 MB, and a redirect, reject them at once.',
    'Records keep their order, so that a slow answer holds up those behind it. Replaying asks anew, and may be answered otherwise.',
  ].join(' '),
  options,
  changesValue: true,
  readsValue: true,
  examples: [
    'http_lookup: { url: "http://crm.internal/customers/{{ customer.id }}", into: customer }',
    'http_lookup: { url: "https://risk.internal/score", method: POST, body: "{{ card }}", into: risk, headers: { authorization: "Bearer 123" }, on_miss: reject, cache: { ttl: 1m } }',
  ],
  yields({ into, on_miss: onMiss }, known) {
    return setPath(known.input, into, { type: ANY, always: onMiss === 'reject' });
  },
  createAsync: (options, { clock }) => new HttpLooker(options, clock),
});
