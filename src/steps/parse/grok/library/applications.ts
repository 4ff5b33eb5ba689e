import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const common: Patterns = {
  MAVEN_VERSION: raw`(?:\d+\.)?(?:\d+\.)?(?:\*|\d+)(?:[.-](?:RELEASE|SNAPSHOT))?`,
  MCOLLECTIVEAUDIT: '%{TIMESTAMP_ISO8601:timestamp}:',
  MONGO_WORDDASH: raw`\b[\w-]+\b`,
  MONGO_QUERY: raw`\{ .*? \}(?= ntoreturn:)`,
  MONGO3_SEVERITY: raw`\w`,
  REDISTIMESTAMP: '%{MONTHDAY} %{MONTH} %{TIME}',
  RUBY_LOGLEVEL: '(?:DEBUG|FATAL|ERROR|WARN|INFO)',
};

/** Applications with a few patterns each: Maven, MCollective, MongoDB, PostgreSQL, Redis, Ruby's logger, Squid. */
export const applications: PatternFamily = {
  legacy: {
    ...common,
    MCOLLECTIVE: raw`., \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\]%{SPACE}%{LOGLEVEL:event_level}`,
    MONGO_LOG: raw`%{SYSLOGTIMESTAMP:timestamp} \[%{WORD:component}\] %{GREEDYDATA:message}`,
    MONGO_SLOWQUERY: [
      raw`%{WORD} %{MONGO_WORDDASH:database}\.%{MONGO_WORDDASH:collection} %{WORD}: %{MONGO_QUERY:query} %{WORD}:%{NONNEGINT:ntoreturn}`,
      '%{WORD}:%{NONNEGINT:ntoskip} %{WORD}:%{NONNEGINT:nscanned}.*nreturned:%{NONNEGINT:nreturned}..+ (?<duration>[0-9]+)ms',
    ].join(' '),
    MONGO3_COMPONENT: '(?:%{WORD}|-)',
    MONGO3_LOG: [
      '%{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:severity} %{MONGO3_COMPONENT:component}',
      raw`%{SPACE}(?:\[%{DATA:context}\])? %{GREEDYDATA:message}`,
    ].join(''),
    POSTGRESQL: '%{DATESTAMP:timestamp} %{TZ} %{DATA:user_id} %{GREEDYDATA:connection_id} %{POSINT:pid}',
    REDISLOG: raw`\[%{POSINT:pid}\] %{REDISTIMESTAMP:timestamp} \* `,
    REDISMONLOG: raw`%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{NUMBER:port}\] "%{WORD:command}"\s?%{GREEDYDATA:params}`,
    RUBY_LOGGER: [
      raw`[DFEWI], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\] *%{RUBY_LOGLEVEL:loglevel}`,
      '-- +%{DATA:progname}: %{GREEDYDATA:message}',
    ].join(' '),
    SQUID3: [
      raw`%{NUMBER:timestamp}\s+%{NUMBER:duration}\s%{IP:client_address}\s%{WORD:cache_result}/%{NONNEGINT:status_code}`,
      raw`%{NUMBER:bytes}\s%{WORD:request_method}\s%{NOTSPACE:url}\s(?:%{NOTSPACE:user}|-)`,
      '%{WORD:hierarchy_code}/(?:%{IPORHOST:server}|-)',
      '%{NOTSPACE:content_type}',
    ].join(raw`\s`),
  },
  ecs: {
    ...common,
    MCOLLECTIVE: raw`., \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:[process][pid]:int}\]%{SPACE}%{LOGLEVEL:[log][level]}`,
    MONGO_LOG: raw`%{SYSLOGTIMESTAMP:timestamp} \[%{WORD:[mongodb][component]}\] %{GREEDYDATA:message}`,
    MONGO_SLOWQUERY: [
      raw`%{WORD:[mongodb][profile][op]} %{MONGO_WORDDASH:[mongodb][database]}\.%{MONGO_WORDDASH:[mongodb][collection]}`,
      '%{WORD}: %{MONGO_QUERY:[mongodb][query][original]}',
      ...['ntoreturn', 'ntoskip', 'nscanned'].map((name) => `${name}:%{NONNEGINT:[mongodb][profile][${name}]:int}`),
    ]
      .join(' ')
      .concat('.*? nreturned:%{NONNEGINT:[mongodb][profile][nreturned]:int}.*? %{INT:[mongodb][profile][duration]:int}ms'),
    MONGO3_COMPONENT: '%{WORD}',
    MONGO3_LOG: [
      '%{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:[log][level]} (?:-|%{MONGO3_COMPONENT:[mongodb][component]})',
      raw`%{SPACE}(?:\[%{DATA:[mongodb][context]}\])? %{GREEDYDATA:message}`,
    ].join(''),
    POSTGRESQL: [
      '%{DATESTAMP:timestamp} %{TZ:[event][timezone]} %{DATA:[user][name]} %{GREEDYDATA:[postgresql][log][connection_id]}',
      '%{POSINT:[process][pid]:int}',
    ].join(' '),
    REDISLOG: raw`\[%{POSINT:[process][pid]:int}\] %{REDISTIMESTAMP:timestamp} \*`,
    REDISMONLOG: [
      raw`%{NUMBER:timestamp} \[%{INT:[redis][database][id]} %{IP:[client][ip]}:%{POSINT:[client][port]:int}\]`,
      raw`"%{WORD:[redis][command][name]}"\s?%{GREEDYDATA:[redis][command][args]}`,
    ].join(' '),
    RUBY_LOGGER: [
      raw`[DFEWI], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:[process][pid]:int}\] *%{RUBY_LOGLEVEL:[log][level]}`,
      '-- +%{DATA:[process][name]}: %{GREEDYDATA:message}',
    ].join(' '),
    SQUID3_STATUS: '(?:%{POSINT:[http][response][status_code]:int}|0|000)',
    SQUID3: [
      raw`%{NUMBER:timestamp}\s+%{NUMBER:[squid][request][duration]:int}`,
      '%{IP:[source][ip]}',
      '%{WORD:[event][action]}/%{SQUID3_STATUS}',
      '%{INT:[http][response][bytes]:int}',
      '%{WORD:[http][request][method]}',
      '%{NOTSPACE:[url][original]}',
      '(?:-|%{NOTSPACE:[user][name]})',
      '%{WORD:[squid][hierarchy_code]}/(?:-|%{IPORHOST:[destination][address]})',
      '(?:-|%{NOTSPACE:[http][response][mime_type]})',
    ].join(raw`\s`),
  },
};
