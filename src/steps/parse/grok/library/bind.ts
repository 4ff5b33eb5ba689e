import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const TYPES = [
  'AAAA|A|CAA|CDNSKEY|CDS|CERT|CNAME|CSYNC|DLV|DNAME|DNSKEY|DS|HINFO|HTTPS|LOC|MX|NAPTR|NSEC3|NSEC|NS|OPENPGPKEY|PTR|RRSIG|RP',
  'SIG|SMIMEA|SOA|SRV|SVCB|TLSA|TSIG|TXT|URI|ANY',
].join('|');

const common: Patterns = {
  BIND9_TIMESTAMP: '%{MONTHDAY}-%{MONTH}-%{YEAR} %{TIME}',
  BIND9_DNSTYPE: raw`(?:${TYPES})\b`,
  BIND9_CATEGORY: 'queries',
  /** The client object, which BIND has named since 9.10. */
  BIND9_CLIENT: 'client(?: @0x[0-9A-Fa-f]+)?',
};

export const bind: PatternFamily = {
  legacy: {
    ...common,
    BIND9: [
      '%{BIND9_TIMESTAMP:timestamp} queries: %{LOGLEVEL:loglevel}: %{BIND9_CLIENT} %{IP:clientip}#%{POSINT:clientport}',
      raw`\(%{NOTSPACE:query}\): query: %{NOTSPACE:query} IN %{GREEDYDATA:querytype} \(%{IP:dns}\)`,
    ].join(' '),
  },
  ecs: {
    ...common,
    BIND9_QUERYLOGBASE: [
      raw`%{BIND9_CLIENT} %{IP:[client][ip]}#%{POSINT:[client][port]:int} \(%{NOTSPACE:[bind][log][question][name]}\):`,
      'query: %{NOTSPACE:[dns][question][name]} (?<[dns][question][class]>IN) %{BIND9_DNSTYPE:[dns][question][type]}',
    ]
      .join(' ')
      .concat(raw`(?: %{DATA:[bind][log][question][flags]})? \(%{IP:[server][ip]}\)`),
    BIND9_QUERYLOG:
      '%{BIND9_TIMESTAMP:timestamp} %{BIND9_CATEGORY:[bing][log][category]}: %{LOGLEVEL:[log][level]}: %{BIND9_QUERYLOGBASE}',
    BIND9: '%{BIND9_QUERYLOG}',
  },
};
