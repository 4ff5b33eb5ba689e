import { z } from 'zod';
import { duration, fieldPath, secret, size, template, urlTemplate } from '../../sdk/schema.ts';

/** The host is the pipeline's author's to say, never a record's. */
const LITERAL_HOST = /^https?:\/\/[^\s/?#{}@]+([/?]|$)/;

const cache = z
  .strictObject({
    size: z.number().int().min(0).max(1_000_000).default(10_000).describe('The most answers that are kept; 0: none.'),
    max_size: size().prefault('64MB').describe('The most memory that they take, in characters.'),
    ttl: duration().prefault('5m').describe('How long an answer is used.'),
    negative_ttl: duration().prefault('30s').describe('How long it is remembered that there is nothing (404, 410, 204).'),
  })
  .prefault({})
  .describe('Answers that are used again without asking.');

export const options = z
  .strictObject({
    url: urlTemplate().describe(
      'The address, with `{{ expressions }}`, whose values are percent-encoded. Scheme and host are literal. Where a value is missing there is nothing to look up (`on_miss`).',
    ),
    into: fieldPath().describe('The field that the answer is put in.'),
    method: z
      .enum(['GET', 'POST'])
      .default('GET')
      .describe('The method. It must change nothing on the server: requests are repeated.'),
    body: template()
      .optional()
      .describe('`POST`: the body, sent as JSON unless a header says otherwise. A list or object is written as JSON.'),
    headers: z.record(z.string(), secret()).default({}).describe('Headers of the requests, such as `authorization`.'),
    timeout: duration().prefault('2s').describe('The longest that one try may take, with the body of the answer.'),
    concurrency: z.number().int().min(1).max(256).default(8).describe('The most requests under way at once, of one task.'),
    retry_for: duration()
      .prefault('30s')
      .describe('How long a look-up is tried again that fails for a reason that may pass; then its records are rejected.'),
    on_miss: z
      .enum(['skip', 'reject'])
      .default('skip')
      .describe(
        'What becomes of a record for which there is nothing (404, 410, 204, or no value for the address): `skip` this step, or `reject` it.',
      ),
    cache,
  })
  .superRefine(({ url, method, body, headers }, context) => {
    const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (!LITERAL_HOST.test(url.text))
      complain(
        ['url'],
        'an address begins with http:// or https:// and a host that is written out, without a user; credentials are sent as "headers"',
      );
    if (body !== undefined && method === 'GET') complain(['body'], 'a GET has no body; give "method: POST"');
    for (const [name, value] of Object.entries(headers)) {
      if (!isHeader(name, value))
        complain(['headers', name], 'this can be no header: a name has letters, digits and hyphens, a value no line break');
    }
  });

export type HttpLookupOptions = z.output<typeof options>;

function isHeader(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}
