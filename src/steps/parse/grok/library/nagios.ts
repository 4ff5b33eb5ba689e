import type { PatternFamily, Patterns } from './family.ts';

/** What an event's line consists of, parted by semicolons; the same for services and hosts, which have no `service`. */
const EVENTS: Readonly<Record<string, readonly Part[]>> = {
  'CURRENT % STATE': ['hostname', 'service', 'state', 'stateType', 'stateCode', 'message'],
  '% NOTIFICATION': ['notified', 'hostname', 'service', 'state', 'contact', 'message'],
  '% ALERT': ['hostname', 'service', 'state', 'level', 'attempt', 'message'],
  '% FLAPPING ALERT': ['hostname', 'service', 'state', 'message'],
  '% DOWNTIME ALERT': ['hostname', 'service', 'state', 'comment'],
  'PASSIVE % CHECK': ['hostname', 'service', 'state', 'comment'],
  '% EVENT HANDLER': ['hostname', 'service', 'state', 'level', 'handler'],
};

/** The external commands, and their arguments. */
const COMMANDS: Readonly<Record<string, readonly Part[]>> = {
  DISABLE_SVC_CHECK: ['hostname', 'lastService'],
  ENABLE_SVC_CHECK: ['hostname', 'lastService'],
  DISABLE_HOST_CHECK: ['lastHostname'],
  ENABLE_HOST_CHECK: ['lastHostname'],
  PROCESS_SERVICE_CHECK_RESULT: ['hostname', 'service', 'state', 'checkResult'],
  PROCESS_HOST_CHECK_RESULT: ['hostname', 'state', 'checkResult'],
  DISABLE_HOST_SVC_NOTIFICATIONS: ['restHostname'],
  ENABLE_HOST_SVC_NOTIFICATIONS: ['restHostname'],
  DISABLE_HOST_NOTIFICATIONS: ['restHostname'],
  ENABLE_HOST_NOTIFICATIONS: ['restHostname'],
  DISABLE_SVC_NOTIFICATIONS: ['hostname', 'restService'],
  ENABLE_SVC_NOTIFICATIONS: ['hostname', 'restService'],
  SCHEDULE_HOST_DOWNTIME: ['hostname', 'start', 'end', 'fixed', 'trigger', 'duration', 'author', 'lastComment'],
};

/**
 * Names of parts by the fields that they fill. DATA at the end of a line takes nothing: Logstash's patterns have it
 * there, and so leave the last argument of some commands out.
 */
const LEGACY_PARTS = {
  hostname: '%{NAGIOS_PART:nagios_hostname}',
  lastHostname: '%{DATA:nagios_hostname}',
  restHostname: '%{GREEDYDATA:nagios_hostname}',
  service: '%{NAGIOS_PART:nagios_service}',
  lastService: '%{DATA:nagios_service}',
  restService: '%{GREEDYDATA:nagios_service}',
  state: '%{NAGIOS_PART:nagios_state}',
  stateType: '%{NAGIOS_PART:nagios_statetype}',
  stateCode: '%{NAGIOS_PART:nagios_statecode}',
  level: '%{NAGIOS_PART:nagios_statelevel}',
  attempt: '%{NUMBER:nagios_attempt}',
  notified: '%{NAGIOS_PART:nagios_notifyname}',
  contact: '%{NAGIOS_PART:nagios_contact}',
  handler: '%{DATA:nagios_event_handler_name}',
  message: '%{GREEDYDATA:nagios_message}',
  comment: '%{GREEDYDATA:nagios_comment}',
  lastComment: '%{DATA:comment}',
  checkResult: '%{GREEDYDATA:nagios_check_result}',
  start: '%{NUMBER:nagios_start_time}',
  end: '%{NUMBER:nagios_end_time}',
  fixed: '%{NUMBER:nagios_fixed}',
  trigger: '%{NUMBER:nagios_trigger_id}',
  duration: '%{NUMBER:nagios_duration}',
  author: '%{NAGIOS_PART:author}',
} as const;

type Part = keyof typeof LEGACY_PARTS;

const ECS_PARTS: Readonly<Record<Part, string>> = {
  hostname: '%{NAGIOS_PART:[host][hostname]}',
  lastHostname: '%{DATA:[host][hostname]}',
  restHostname: '%{GREEDYDATA:[host][hostname]}',
  service: '%{NAGIOS_PART:[service][name]}',
  lastService: '%{DATA:[service][name]}',
  restService: '%{GREEDYDATA:[service][name]}',
  state: '%{NAGIOS_PART:[service][state]}',
  stateType: '%{NAGIOS_PART:[nagios][log][state_type]}',
  stateCode: '%{INT:[nagios][log][attempt]:int}',
  level: '%{NAGIOS_PART:[nagios][log][state_type]}',
  attempt: '%{INT:[nagios][log][attempt]:int}',
  notified: '%{NAGIOS_PART:[user][name]}',
  contact: '%{NAGIOS_PART:[nagios][log][notification_command]}',
  handler: '%{DATA:[nagios][log][event_handler_name]}',
  message: '%{GREEDYDATA:message}',
  comment: '%{GREEDYDATA:[nagios][log][comment]}',
  lastComment: '%{DATA:[nagios][log][comment]}',
  checkResult: '%{GREEDYDATA:[nagios][log][check_result]}',
  start: '%{NUMBER:[nagios][log][start_time]}',
  end: '%{NUMBER:[nagios][log][end_time]}',
  fixed: '%{NUMBER:[nagios][log][fixed]}',
  trigger: '%{NUMBER:[nagios][log][trigger_id]}',
  duration: '%{NUMBER:[nagios][log][duration]:int}',
  author: '%{NAGIOS_PART:[user][name]}',
};

interface Names {
  readonly parts: Readonly<Record<Part, string>>;
  readonly type: string;
  readonly command: string;
  readonly time: string;
  readonly warning: string;
  readonly transition: string;
}

/** A pattern's name made of a line's words: `HOST ALERT` is NAGIOS_HOST_ALERT. */
const nameOf = (words: string): string => words.replaceAll(' ', '_');

function nagiosPatterns({ parts, type, command, time, warning, transition }: Names): Patterns {
  const patterns: Record<string, string> = { NAGIOS_PART: '[^;]*', NAGIOSTIME: `\\[%{NUMBER:${time}}\\]` };
  const lines: string[] = [];
  const addType = (words: string): void => {
    patterns[`NAGIOS_TYPE_${nameOf(words)}`] = words;
  };
  const addLine = (name: string, pattern: string): void => {
    patterns[name] = pattern;
    lines.push(`%{${name}}`);
  };
  const addEvent = (words: string, line: string): void => {
    addType(words);
    addLine(`NAGIOS_${nameOf(words)}`, `%{NAGIOS_TYPE_${nameOf(words)}:${type}}: ${line}`);
  };
  addLine('NAGIOS_WARNING', `Warning:%{SPACE}%{GREEDYDATA:${warning}}`);
  for (const [words, line] of Object.entries(EVENTS)) {
    addEvent(words.replace('%', 'SERVICE'), line.map((part) => parts[part]).join(';'));
    addEvent(words.replace('%', 'HOST'), line.flatMap((part) => (part === 'service' ? [] : [parts[part]])).join(';'));
  }
  addEvent('TIMEPERIOD TRANSITION', transition);
  addType('EXTERNAL COMMAND');
  patterns['NAGIOS_EC_SCHEDULE_SERVICE_DOWNTIME'] = 'SCHEDULE_SERVICE_DOWNTIME';
  for (const [name, line] of Object.entries(COMMANDS)) {
    patterns[`NAGIOS_EC_${name}`] = name;
    const argumentsOf = line.map((part) => parts[part]).join(';');
    addLine(`NAGIOS_EC_LINE_${name}`, `%{NAGIOS_TYPE_EXTERNAL_COMMAND:${type}}: %{NAGIOS_EC_${name}:${command}};${argumentsOf}`);
  }
  patterns['NAGIOSLOGLINE'] = `%{NAGIOSTIME} (?:${lines.join('|')})`;
  return patterns;
}

export const nagios: PatternFamily = {
  legacy: nagiosPatterns({
    parts: LEGACY_PARTS,
    type: 'nagios_type',
    command: 'nagios_command',
    time: 'nagios_epoch',
    warning: 'nagios_message',
    transition: '%{NAGIOS_PART:nagios_service};%{NUMBER:nagios_unknown1};%{NUMBER:nagios_unknown2}',
  }),
  ecs: nagiosPatterns({
    parts: ECS_PARTS,
    type: '[nagios][log][type]',
    command: '[nagios][log][command]',
    time: 'timestamp',
    warning: 'message',
    transition: '%{NAGIOS_PART:[service][name]};%{NUMBER:[nagios][log][period_from]:int};%{NUMBER:[nagios][log][period_to]:int}',
  }),
};
