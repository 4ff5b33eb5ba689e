import { expect, it, test } from 'vitest';
import { parseAwsAlb } from './aws-alb.ts';
import { ParseFailure } from './parser.ts';

const read = (text: string): Record<string, unknown> => {
  const result = parseAwsAlb(text, -1);
  return result instanceof ParseFailure
    ? { reason: result.reason }
    : (JSON.parse(JSON.stringify(result)) as Record<string, unknown>);
};

// The examples of "Access logs for your Application Load Balancer", with what was added to entries later.
const HTTPS =
  'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 201 0 57 "GET https://www.example.com:443/a?b=c HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Self=1-58337262-36d228ad5d99923122bbe354;Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "201" "Ambiguous" "UndefinedContentLengthSemantics" TID_1234abcd5678ef90 "m.example.com" "/b" "TransformSuccess" "yet to come"';

it('reads all fields of an entry', () => {
  expect(read(HTTPS)).toEqual({
    '@timestamp': '2018-07-02T22:23:00.186Z',
    aws: {
      elb: {
        type: 'https',
        protocol: 'http',
        name: 'app/my-loadbalancer/50dc6c495c0c9188',
        backend: { ip: '10.0.0.1', port: 80, http: { response: { status_code: 201 } } },
        request_processing_time: { sec: 0.086 },
        backend_processing_time: { sec: 0.048 },
        response_processing_time: { sec: 0.037 },
        ssl_cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
        ssl_protocol: 'TLSv1.2',
        target_group: { arn: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067' },
        trace_id: 'Self=1-58337262-36d228ad5d99923122bbe354;Root=1-58337281-1d84f3d73c47ec4e58577259',
        chosen_cert: { arn: 'arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012' },
        matched_rule_priority: '1',
        action_executed: ['authenticate', 'forward'],
        target_port: ['10.0.0.1:80'],
        target_status_code: ['201'],
        classification: 'Ambiguous',
        classification_reason: 'UndefinedContentLengthSemantics',
        conn_trace_id: 'TID_1234abcd5678ef90',
        transformed_host: 'm.example.com',
        transformed_uri: '/b',
        request_transform_status: 'TransformSuccess',
      },
    },
    cloud: { provider: 'aws' },
    source: { address: '192.168.131.39', ip: '192.168.131.39', port: 2817 },
    destination: { domain: 'www.example.com' },
    event: { start: '2018-07-02T22:22:48.364Z' },
    trace: { id: '1-58337281-1d84f3d73c47ec4e58577259' },
    http: {
      version: '1.1',
      request: { method: 'GET', body: { bytes: 0 } },
      response: { status_code: 200, body: { bytes: 57 } },
    },
    url: {
      original: 'https://www.example.com:443/a?b=c',
      scheme: 'https',
      domain: 'www.example.com',
      port: 443,
      path: '/a',
      query: 'b=c',
    },
    user_agent: { original: 'curl/7.46.0' },
  });
});

it('leaves out what did not happen: a target, its status, times of -1', () => {
  const failed =
    'http 2018-11-30T22:23:00.186641Z app/lb/50dc 192.168.131.39:2817 - -1 -1 -1 502 - 34 366 "- http://www.example.com:80- -" "-" - - - "-" "-" "-" - 2018-11-30T22:22:48.364000Z "-" "-" "TargetConnectionError" "-" "-" "-" "-"';
  expect(read(failed)).toMatchObject({
    aws: { elb: { error: { reason: 'TargetConnectionError' } } },
    http: { request: { body: { bytes: 34 } }, response: { status_code: 502 } },
    source: { port: 2817 },
  });
  const { aws, url, user_agent: agent } = read(failed) as { aws: { elb: object }; url?: unknown; user_agent?: unknown };
  expect(Object.keys(aws.elb)).toEqual(['type', 'protocol', 'name', 'error']);
  expect([url, agent]).toEqual([undefined, undefined]);
});

test.each<[string, string, Record<string, unknown>]>([
  [
    'an IPv6 client',
    HTTPS.replace('192.168.131.39:2817', '[2001:db8::1]:2817'),
    { source: { address: '2001:db8::1', ip: '2001:db8::1', port: 2817 } },
  ],
  [
    'quotes in a user agent',
    HTTPS.replace('curl/7.46.0', 'a "b"c'),
    { user_agent: { original: 'a "b"c' }, destination: { domain: 'www.example.com' } },
  ],
  [
    'the first version of entries',
    HTTPS.split(' "www.example.com"')[0] as string,
    { trace: { id: '1-58337281-1d84f3d73c47ec4e58577259' } },
  ],
  [
    'the classic load balancer',
    '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
    {
      '@timestamp': '2015-05-13T23:39:43.945Z',
      aws: {
        elb: { name: 'my-loadbalancer', backend: { ip: '10.0.0.1', port: 80 }, backend_processing_time: { sec: 0.001048 } },
      },
      url: { domain: 'www.example.com', port: 80, path: '/' },
      http: { response: { body: { bytes: 29 } } },
    },
  ],
])('reads %s', (_name, text, some) => {
  expect(read(text)).toMatchObject(some);
});

test.each<[string, string, RegExp]>([
  ['prose', 'the load balancer has started', /5 fields where an entry has 17/],
  ['a time that is none', HTTPS.replace('2018-07-02T22:23:00.186641Z', 'yesterday'), /time is none/],
  ['an open quote', HTTPS.slice(0, 180), /quote at column 135 does not end/],
  ['a flood of fields', 'x '.repeat(100), /more than 80 fields/],
])('refuses %s', (_name, text, reason) => {
  expect(read(text)['reason']).toMatch(reason);
});
