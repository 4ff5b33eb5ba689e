import type { PatternFamily } from './family.ts';

const { raw } = String;

/** A backend's name, which a slash ends. */
const NAME = raw`[^\s/]+`;

/** What begins a line where it came over syslog. */
const LEGACY_HEAD =
  '(?:%{SYSLOGTIMESTAMP:syslog_timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) %{IPORHOST:syslog_server} %{SYSLOGPROG}:';
const ECS_HEAD = '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp}) %{IPORHOST:[host][hostname]} %{SYSLOGPROG}:';

const legacyConnections =
  '%{INT:actconn}/%{INT:feconn}/%{INT:beconn}/%{INT:srvconn}/%{NOTSPACE:retries} %{INT:srv_queue}/%{INT:backend_queue}';
const ecsConnections = [
  ['active', 'frontend', 'backend', 'server', 'retries'].map((name) => `%{INT:[haproxy][connections][${name}]:int}`).join('/'),
  '%{INT:[haproxy][server_queue]:int}/%{INT:[haproxy][backend_queue]:int}',
].join(' ');

const ecsClient = raw`%{IP:[source][address]}:%{INT:[source][port]:int} \[%{HAPROXYDATE:[haproxy][request_date]}\]`;
const ecsServer =
  '%{NOTSPACE:[haproxy][frontend_name]} %{HAPROXYNAME:[haproxy][backend_name]}/(?:<NOSRV>|%{NOTSPACE:[haproxy][server_name]})';
/** A time that is -1 where the connection ended before. */
const ecsTime = (field: string): string => `(?:-1|%{INT:[haproxy]${field}:int})`;

export const haproxy: PatternFamily = {
  legacy: {
    HAPROXYNAME: NAME,
    HAPROXYTIME: '%{HOUR:haproxy_hour}:%{MINUTE:haproxy_minute}:%{SECOND:haproxy_second}(?![0-9])',
    HAPROXYDATE:
      '%{MONTHDAY:haproxy_monthday}/%{MONTH:haproxy_month}/%{YEAR:haproxy_year}:%{HAPROXYTIME:haproxy_time}.%{INT:haproxy_milliseconds}',
    HAPROXYCAPTUREDREQUESTHEADERS: '%{DATA:captured_request_headers}',
    HAPROXYCAPTUREDRESPONSEHEADERS: '%{DATA:captured_response_headers}',
    HAPROXYHTTPBASE: [
      raw`%{IP:client_ip}:%{INT:client_port} \[%{HAPROXYDATE:accept_date}\] %{NOTSPACE:frontend_name} %{HAPROXYNAME:backend_name}/%{NOTSPACE:server_name}`,
      '%{INT:time_request}/%{INT:time_queue}/%{INT:time_backend_connect}/%{INT:time_backend_response}/%{NOTSPACE:time_duration}',
      '%{INT:http_status_code} %{NOTSPACE:bytes_read} %{NOTSPACE:captured_request_cookie} %{NOTSPACE:captured_response_cookie}',
      `%{NOTSPACE:termination_state} ${legacyConnections}`,
      raw`(?:\{%{HAPROXYCAPTUREDREQUESTHEADERS}\})? ?(?:\{%{HAPROXYCAPTUREDRESPONSEHEADERS}\})? ?"(?:<BADREQ>|%{HAPROXYHTTPREQUESTLINE})?"?`,
    ].join(' '),
    HAPROXYHTTPREQUESTLINE:
      '%{WORD:http_verb} (?:%{URIPROTO:http_proto}://)?(?:%{USER:http_user}(?::[^@/ ]*)?@)?(?:%{URIHOST:http_host})?(?:%{URIPATHPARAM:http_request})?(?: HTTP/%{NUMBER:http_version})?',
    HAPROXYHTTP: `${LEGACY_HEAD} %{HAPROXYHTTPBASE}`,
    HAPROXYTCP: [
      raw`${LEGACY_HEAD} %{IP:client_ip}:%{INT:client_port} \[%{HAPROXYDATE:accept_date}\] %{NOTSPACE:frontend_name}`,
      '%{HAPROXYNAME:backend_name}/%{NOTSPACE:server_name} %{INT:time_queue}/%{INT:time_backend_connect}/%{NOTSPACE:time_duration}',
      `%{NOTSPACE:bytes_read} %{NOTSPACE:termination_state} ${legacyConnections}`,
    ].join(' '),
  },
  ecs: {
    HAPROXYNAME: NAME,
    HAPROXYTIME: '%{HOUR}:%{MINUTE}:%{SECOND}(?![0-9])',
    HAPROXYDATE: '%{MONTHDAY}/%{MONTH}/%{YEAR}:%{HAPROXYTIME}.%{INT}',
    HAPROXYCAPTUREDREQUESTHEADERS: '%{DATA:[haproxy][http][request][captured_headers]}',
    HAPROXYCAPTUREDRESPONSEHEADERS: '%{DATA:[haproxy][http][response][captured_headers]}',
    HAPROXYURI: [
      '(?:%{URIPROTO:[url][scheme]}://)?(?:%{USER:[url][username]}(?::[^@/ ]*)?@)?',
      '(?:%{IPORHOST:[url][domain]}(?::%{POSINT:[url][port]:int})?)?',
      raw`(?:%{URIPATH:[url][path]}(?:\?%{URIQUERY:[url][query]})?)?`,
    ].join(''),
    HAPROXYHTTPREQUESTLINE:
      '(?:<BADREQ>|%{WORD:[http][request][method]} %{HAPROXYURI:[url][original]}(?: HTTP/%{NUMBER:[http][version]})?)',
    HAPROXYHTTPBASE: [
      `${ecsClient} ${ecsServer}`,
      [
        '[http][request][time_wait_ms]',
        '[total_waiting_time_ms]',
        '[connection_wait_time_ms]',
        '[http][request][time_wait_without_data_ms]',
      ]
        .map(ecsTime)
        .concat('%{NOTSPACE:[haproxy][total_time_ms]}')
        .join('/'),
      '%{INT:[http][response][status_code]:int} %{INT:[source][bytes]:int}',
      '(?:-|%{NOTSPACE:[haproxy][http][request][captured_cookie]}) (?:-|%{NOTSPACE:[haproxy][http][response][captured_cookie]})',
      `%{NOTSPACE:[haproxy][termination_state]} ${ecsConnections}`,
    ]
      .join(' ')
      .concat(raw`(?: \{%{HAPROXYCAPTUREDREQUESTHEADERS}\}(?: \{%{HAPROXYCAPTUREDRESPONSEHEADERS}\})?)?`)
      .concat('(?: "%{HAPROXYHTTPREQUESTLINE}"?)?'),
    HAPROXYHTTP: `${ECS_HEAD} %{HAPROXYHTTPBASE}`,
    HAPROXYTCP: [
      `${ECS_HEAD} ${ecsClient} ${ecsServer}`,
      `${ecsTime('[total_waiting_time_ms]')}/${ecsTime('[connection_wait_time_ms]')}/%{NOTSPACE:[haproxy][total_time_ms]}`,
      `%{INT:[source][bytes]:int} %{NOTSPACE:[haproxy][termination_state]} ${ecsConnections}`,
    ].join(' '),
  },
};
