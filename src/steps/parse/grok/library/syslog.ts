import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const common: Patterns = {
  SYSLOG5424PRINTASCII: '[!-~]+',
  /** One or several elements; a closing bracket may stand in a value, so it ends where the next field fits. */
  SYSLOG5424SD: raw`\[%{DATA}\]+`,
  CRON_ACTION: '[A-Z ]+',
  SYSLOGLINE: '%{SYSLOGBASE2} %{GREEDYDATA:message}',
};

export const syslog: PatternFamily = {
  legacy: {
    ...common,
    SYSLOGBASE2: [
      '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601})',
      '(?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource}(?: %{SYSLOGPROG}:|)',
    ].join(' '),
    SYSLOGPAMSESSION: [
      raw`%{SYSLOGBASE} (?=%{GREEDYDATA:message})%{WORD:pam_module}\(%{DATA:pam_caller}\):`,
      'session %{WORD:pam_session_state} for user %{USERNAME:username}(?: by %{GREEDYDATA:pam_by})?',
    ].join(' '),
    CRONLOG: raw`%{SYSLOGBASE} \(%{USER:user}\) %{CRON_ACTION:action} \(%{DATA:message}\)`,
    SYSLOG5424PRI: '<%{NONNEGINT:syslog5424_pri}>',
    SYSLOG5424BASE: [
      '%{SYSLOG5424PRI}%{NONNEGINT:syslog5424_ver}',
      '(?:%{TIMESTAMP_ISO8601:syslog5424_ts}|-)',
      '(?:%{IPORHOST:syslog5424_host}|-)',
      ...['app', 'proc', 'msgid'].map((name) => `(?:-|%{SYSLOG5424PRINTASCII:syslog5424_${name}})`),
      '(?:%{SYSLOG5424SD:syslog5424_sd}|-|)',
    ].join(' +'),
    SYSLOG5424LINE: '%{SYSLOG5424BASE} +%{GREEDYDATA:syslog5424_msg}',
  },
  ecs: {
    ...common,
    SYSLOGBASE2: [
      '(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})(?: %{SYSLOGFACILITY})?',
      '(?: %{SYSLOGHOST:[host][hostname]})?(?: %{SYSLOGPROG}:)?',
    ].join(''),
    SYSLOGPAMSESSION: [
      raw`%{SYSLOGBASE} (?=%{GREEDYDATA:message})%{WORD:[system][auth][pam][module]}\(%{DATA:[system][auth][pam][origin]}\):`,
      'session %{WORD:[system][auth][pam][session_state]} for user %{USERNAME:[user][name]}(?: by %{GREEDYDATA})?',
    ].join(' '),
    CRONLOG: raw`%{SYSLOGBASE} \(%{USER:[user][name]}\) %{CRON_ACTION:[system][cron][action]} \(%{DATA:message}\)`,
    SYSLOG5424PRI: '<%{NONNEGINT:[log][syslog][priority]:int}>',
    SYSLOG5424BASE: [
      '%{SYSLOG5424PRI}%{NONNEGINT:[system][syslog][version]}',
      '(?:-|%{TIMESTAMP_ISO8601:timestamp})',
      '(?:-|%{IPORHOST:[host][hostname]})',
      '(?:-|%{SYSLOG5424PRINTASCII:[process][name]})',
      '(?:-|%{POSINT:[process][pid]:int})',
      '(?:-|%{SYSLOG5424PRINTASCII:[event][code]})',
      '(?:-|%{SYSLOG5424SD:[system][syslog][structured_data]})?',
    ].join(' +'),
    SYSLOG5424LINE: '%{SYSLOG5424BASE} +%{GREEDYDATA:message}',
  },
};
