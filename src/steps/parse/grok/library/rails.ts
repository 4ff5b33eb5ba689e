import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const TIME = '(?<timestamp>%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE})';

/** The lines between the request and its end: whole ones. */
const LINES = raw`(?:[^\n]*\n)*`;

const common: Patterns = { RUUID: '[0-9a-fA-F]{32}' };

const profile = (view: string, record: string): string => raw`(?:\((?:Views: ${view}ms \| )?ActiveRecord: ${record}ms)?`;

/** Events of several lines, made of what Rails 3 logs of one request. */
export const rails: PatternFamily = {
  legacy: {
    ...common,
    RCONTROLLER: raw`(?<controller>[^#]+)#(?<action>\w+)`,
    RAILS3HEAD: `Started %{WORD:verb} "%{URIPATHPARAM:request}" for %{IPORHOST:clientip} at ${TIME}`,
    RPROCESSING: raw`\W*Processing by %{RCONTROLLER} as (?<format>\S+)(?:\W*Parameters: \{%{DATA:params}\}\W*)?`,
    RAILS3PROFILE: profile('%{NUMBER:viewms}', '%{NUMBER:activerecordms}'),
    RAILS3FOOT: 'Completed %{NUMBER:response}%{DATA} in %{NUMBER:totalms}ms %{RAILS3PROFILE}%{GREEDYDATA}',
    RAILS3: `%{RAILS3HEAD}(?:%{RPROCESSING})?(?<context>${LINES})(?:%{RAILS3FOOT})?`,
  },
  ecs: {
    ...common,
    RCONTROLLER: raw`(?<[rails][controller][class]>[^#]+)#(?<[rails][controller][action]>\w+)`,
    RAILS3HEAD: `Started %{WORD:[http][request][method]} "%{URIPATHPARAM:[url][original]}" for %{IPORHOST:[source][address]} at ${TIME}`,
    RPROCESSING: raw`\W*Processing by %{RCONTROLLER} as (?<[rails][request][format]>\S+)(?:\W*Parameters: \{%{DATA:[rails][request][params]}\}\W*)?`,
    RAILS3PROFILE: profile(
      '%{NUMBER:[rails][request][duration][view]:float}',
      '%{NUMBER:[rails][request][duration][active_record]:float}',
    ),
    RAILS3FOOT: [
      'Completed %{POSINT:[http][response][status_code]:int}%{DATA}',
      'in %{NUMBER:[rails][request][duration][total]:float}ms %{RAILS3PROFILE}%{GREEDYDATA}',
    ].join(' '),
    RAILS3: `%{RAILS3HEAD}(?:%{RPROCESSING})?(?<[rails][request][explain][original]>${LINES})(?:%{RAILS3FOOT})?`,
  },
};
