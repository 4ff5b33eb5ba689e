import { orDash, tabSeparated } from './columns.ts';
import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const CLOUDFRONT_TIME = raw`(?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY}\t%{TIME})`;
const COLUMN = raw`[^\t]*`;

const common: Patterns = { AWS_QUOTED: '[^"]*' };

const legacyCloudFront = tabSeparated([
  CLOUDFRONT_TIME,
  '%{WORD:x_edge_location}',
  orDash('%{NUMBER:sc_bytes:int}'),
  '%{IPORHOST:clientip}',
  '%{WORD:cs_method}',
  '%{HOSTNAME:cs_host}',
  '%{NOTSPACE:cs_uri_stem}',
  '%{NUMBER:sc_status:int}',
  ...['referrer', 'agent', 'cs_uri_query', 'cookies'].map((name) => `(?<${name}>${COLUMN})`),
  '%{WORD:x_edge_result_type}',
  '%{NOTSPACE:x_edge_request_id}',
  '%{HOSTNAME:x_host_header}',
  '%{URIPROTO:cs_protocol}',
  '%{INT:cs_bytes:int}',
  '%{NUMBER:time_taken:float}',
  ...['x_forwarded_for', 'ssl_protocol', 'ssl_cipher', 'x_edge_response_result_type'].map((name) => `(?<${name}>${COLUMN})`),
]);

const column = (field: string): string => orDash(`(?<${field}>${COLUMN})`);

const ecsCloudFront = tabSeparated([
  CLOUDFRONT_TIME,
  '%{WORD:[aws][cloudfront][x_edge_location]}',
  orDash('%{INT:[destination][bytes]:int}'),
  '%{IPORHOST:[source][ip]}',
  '%{WORD:[http][request][method]}',
  '%{HOSTNAME:[url][domain]}',
  '%{NOTSPACE:[url][path]}',
  '(?:000|%{INT:[http][response][status_code]:int})',
  column('[http][request][referrer]'),
  `(?<[user_agent][original]>${COLUMN})`,
  column('[url][query]'),
  column('[aws][cloudfront][http][request][cookie]'),
  '%{WORD:[aws][cloudfront][x_edge_result_type]}',
  '%{NOTSPACE:[aws][cloudfront][x_edge_request_id]}',
  '%{HOSTNAME:[aws][cloudfront][http][request][host]}',
  '%{URIPROTO:[network][protocol]}',
  orDash('%{INT:[source][bytes]:int}'),
  '%{NUMBER:[aws][cloudfront][time_taken]:float}',
  orDash('%{IP:[network][forwarded_ip]}'),
  column('[aws][cloudfront][ssl_protocol]'),
  orDash('%{NOTSPACE:[tls][cipher]}'),
  '%{WORD:[aws][cloudfront][x_edge_response_result_type]}',
]);

/** Columns that CloudFront has added since; logs have all of them or none. */
const ecsCloudFrontSince = tabSeparated([
  orDash('HTTP/%{NUMBER:[http][version]}'),
  column('[aws][cloudfront][fle_status]'),
  column('[aws][cloudfront][fle_encrypted_fields]'),
  '%{INT:[source][port]:int}',
  '%{NUMBER:[aws][cloudfront][time_to_first_byte]:float}',
  column('[aws][cloudfront][x_edge_detailed_result_type]'),
  orDash('%{NOTSPACE:[http][request][mime_type]}'),
  orDash('%{INT:[aws][cloudfront][http][request][size]:int}'),
  orDash('%{INT:[aws][cloudfront][http][request][range][start]:int}'),
  orDash('%{INT:[aws][cloudfront][http][request][range][end]:int}'),
]);

const legacy: Patterns = {
  ...common,
  S3_REQUEST_LINE: '(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{AWS_QUOTED:rawrequest})',
  S3_ACCESS_LOG: [
    raw`%{WORD:owner} %{NOTSPACE:bucket} \[%{HTTPDATE:timestamp}\] %{IP:clientip} %{NOTSPACE:requester} %{NOTSPACE:request_id}`,
    '%{NOTSPACE:operation} %{NOTSPACE:key} (?:"%{S3_REQUEST_LINE}"|-) (?:%{INT:response:int}|-) (?:-|%{NOTSPACE:error_code})',
    '(?:%{INT:bytes:int}|-) (?:%{INT:object_size:int}|-) (?:%{INT:request_time_ms:int}|-) (?:%{INT:turnaround_time_ms:int}|-)',
    '(?:%{QS:referrer}|-) (?:"?%{QS:agent}"?|-) (?:-|%{NOTSPACE:version_id})',
  ].join(' '),
  ELB_URIPATHPARAM: '%{URIPATH:path}(?:%{URIPARAM:params})?',
  ELB_URI: '%{URIPROTO:proto}://(?:%{URIUSERINFO})?(?:%{URIHOST:urihost})?(?:%{ELB_URIPATHPARAM})?',
  ELB_REQUEST_LINE: '(?:%{WORD:verb} %{ELB_URI:request}(?: HTTP/%{NUMBER:httpversion})?|%{AWS_QUOTED:rawrequest})',
  ELB_ACCESS_LOG: [
    '%{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:elb} %{IP:clientip}:%{INT:clientport:int}',
    '(?:%{IP:backendip}:?:%{INT:backendport:int}|-)',
    ...['request', 'backend', 'response'].map((name) => `%{NUMBER:${name}_processing_time:float}`),
    '%{INT:response:int} (?:-|%{INT:backend_response:int}) %{INT:received_bytes:int} %{INT:bytes:int} "%{ELB_REQUEST_LINE}"',
  ].join(' '),
  CLOUDFRONT_ACCESS_LOG: legacyCloudFront,
};

const s3 = (name: string, pattern = 'NOTSPACE'): string =>
  orDash(`%{${pattern}:[aws][s3access][${name}]${pattern === 'INT' ? ':int' : ''}}`);

const ecs: Patterns = {
  ...common,
  S3_REQUEST_LINE: '%{WORD:[http][request][method]} %{NOTSPACE:[url][original]}(?: HTTP/%{NUMBER:[http][version]})?',
  S3_ACCESS_LOG: [
    raw`%{WORD:[aws][s3access][bucket_owner]} %{NOTSPACE:[aws][s3access][bucket]} \[%{HTTPDATE:timestamp}\] (?:-|%{IP:[client][ip]})`,
    '(?:-|%{NOTSPACE:[client][user][id]}) %{NOTSPACE:[aws][s3access][request_id]} %{NOTSPACE:[aws][s3access][operation]}',
    s3('key'),
    '(?:-|"%{S3_REQUEST_LINE:[aws][s3access][request_uri]}") (?:-|%{INT:[http][response][status_code]:int})',
    s3('error_code'),
    ...['bytes_sent', 'object_size', 'total_time', 'turn_around_time'].map((name) => s3(name, 'INT')),
    '"(?:-|%{AWS_QUOTED:[http][request][referrer]})" "(?:-|%{AWS_QUOTED:[user_agent][original]})"',
    `${s3('version_id')}(?: ${[
      s3('host_id'),
      s3('signature_version'),
      orDash('%{NOTSPACE:[tls][cipher]}'),
      s3('authentication_type'),
      s3('host_header'),
      s3('tls_version'),
    ].join(' ')})?`,
  ].join(' '),
  ELB_URIHOST: '%{IPORHOST:[url][domain]}(?::%{POSINT:[url][port]:int})?',
  ELB_URIPATHQUERY: raw`%{URIPATH:[url][path]}(?:\?%{URIQUERY:[url][query]})?`,
  ELB_URIPATHPARAM: '%{ELB_URIPATHQUERY}',
  ELB_URI: raw`%{URIPROTO:[url][scheme]}://(?:%{USER:[url][username]}(?::[^@/\s]*)?@)?(?:%{ELB_URIHOST})?(?:%{ELB_URIPATHQUERY})?`,
  ELB_REQUEST_LINE: '%{WORD:[http][request][method]} %{ELB_URI:[url][original]}(?: HTTP/%{NUMBER:[http][version]})?',
  ELB_V1_HTTP_LOG: [
    '%{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:[aws][elb][name]} %{IP:[source][ip]}:%{INT:[source][port]:int}',
    '(?:-|%{IP:[aws][elb][backend][ip]}:%{INT:[aws][elb][backend][port]:int})',
    ...['request', 'backend', 'response'].map((name) => `(?:-1|%{NUMBER:[aws][elb][${name}_processing_time][sec]:float})`),
    '%{INT:[http][response][status_code]:int} (?:-|%{INT:[aws][elb][backend][http][response][status_code]:int})',
    '%{INT:[http][request][body][bytes]:int} %{INT:[http][response][body][bytes]:int} "%{ELB_REQUEST_LINE}"',
  ]
    .join(' ')
    .concat(
      '(?: "(?:-|%{AWS_QUOTED:[user_agent][original]})" (?:-|%{NOTSPACE:[tls][cipher]}) (?:-|%{NOTSPACE:[aws][elb][ssl_protocol]}))?',
    ),
  ELB_ACCESS_LOG: '%{ELB_V1_HTTP_LOG}',
  CLOUDFRONT_ACCESS_LOG: raw`${ecsCloudFront}(?:\t${ecsCloudFrontSince})?`,
};

export const aws: PatternFamily = { legacy, ecs };
