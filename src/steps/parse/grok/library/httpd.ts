import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const common: Patterns = {
  HTTPDUSER: '(?:%{EMAILADDRESS}|%{USER})',
  HTTPDERROR_DATE: '%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}',
  /** What stands between quotes, where a quote inside has a backslash before it. */
  HTTPD_QUOTED: raw`[^"\\]*(?:\\.[^"\\]*)*`,
  HTTPD_ERRORLOG: '(?:%{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG})',
  COMMONAPACHELOG: '%{HTTPD_COMMONLOG}',
  COMBINEDAPACHELOG: '%{HTTPD_COMBINEDLOG}',
};

/** Parts that are joined by single blanks, as in the servers' own format strings. */
const line = (...parts: string[]): string => parts.join(' ');

export const httpd: PatternFamily = {
  legacy: {
    ...common,
    HTTPD_COMMONLOG: line(
      raw`%{IPORHOST:clientip} %{HTTPDUSER:ident} %{HTTPDUSER:auth} \[%{HTTPDATE:timestamp}\]`,
      '"(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{HTTPD_QUOTED:rawrequest})"',
      '(?:-|%{NUMBER:response}) (?:-|%{NUMBER:bytes})',
    ),
    HTTPD_COMBINEDLOG: '%{HTTPD_COMMONLOG} %{QS:referrer} %{QS:agent}',
    HTTPD20_ERRORLOG: line(
      raw`\[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:loglevel}\]`,
      raw`(?:\[client %{IPORHOST:clientip}\] )?%{GREEDYDATA:message}`,
    ),
    HTTPD24_ERRORLOG: [
      raw`\[%{HTTPDERROR_DATE:timestamp}\] \[%{WORD:module}?:%{LOGLEVEL:loglevel}\] \[pid %{POSINT:pid}(?::tid %{NUMBER:tid})?\]`,
      raw`(?: \(%{POSINT:proxy_errorcode}\)%{DATA:proxy_message}:)?(?: \[client %{IPORHOST:clientip}:%{POSINT:clientport}\])?`,
      '(?: %{DATA:errorcode}:)? %{GREEDYDATA:message}',
    ].join(''),
  },
  ecs: {
    ...common,
    HTTPD_COMMONLOG: line(
      raw`%{IPORHOST:[source][address]} (?:-|%{HTTPDUSER:[apache][access][user][identity]}) (?:-|%{HTTPDUSER:[user][name]})`,
      raw`\[%{HTTPDATE:timestamp}\]`,
      '"(?:%{WORD:[http][request][method]} %{NOTSPACE:[url][original]}(?: HTTP/%{NUMBER:[http][version]})?|%{HTTPD_QUOTED})"',
      '(?:-|%{INT:[http][response][status_code]:int}) (?:-|%{INT:[http][response][body][bytes]:int})',
    ),
    HTTPD_COMBINEDLOG: line(
      '%{HTTPD_COMMONLOG}',
      '"(?:-|%{HTTPD_QUOTED:[http][request][referrer]})" "(?:-|%{HTTPD_QUOTED:[user_agent][original]})"',
    ),
    HTTPD20_ERRORLOG: line(
      raw`\[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:[log][level]}\]`,
      raw`(?:\[client %{IPORHOST:[source][address]}\] )?%{GREEDYDATA:message}`,
    ),
    HTTPD24_ERRORLOG: [
      raw`\[%{HTTPDERROR_DATE:timestamp}\] \[%{WORD:[apache][error][module]}?:%{LOGLEVEL:[log][level]}\]`,
      raw` \[pid %{POSINT:[process][pid]:int}(?::tid %{INT:[process][thread][id]:int})?\]`,
      raw`(?: \(%{POSINT:[apache][error][proxy][error][code]}\)%{DATA:[apache][error][proxy][error][message]}:)?`,
      raw`(?: \[client %{IPORHOST:[source][address]}(?::%{POSINT:[source][port]:int})?\])?`,
      '(?: %{DATA:[error][code]}:)? %{GREEDYDATA:message}',
    ].join(''),
  },
};
