import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const common: Patterns = {
  JAVACLASS: raw`[A-Za-z$_][\w$]*(?:\.[A-Za-z$_][\w$]*)*`,
  /** With blanks, for `Native Method` and `Unknown Source`. */
  JAVAFILE: raw`[\w$. -]+`,
  JAVAMETHOD: raw`(?:<(?:cl)?init>|[A-Za-z$_][\w$]*)`,
  JAVATHREAD: raw`[A-Z]{2}-Processor[0-9]+`,
  JAVALOGMESSAGE: '.*',
};

const stackTrace = (name: string, method: string, file: string, line: string): string =>
  raw`%{SPACE}at %{JAVACLASS:${name}}\.%{JAVAMETHOD:${method}}\(%{JAVAFILE:${file}}(?::${line})?\)`;

export const java: PatternFamily = {
  legacy: {
    ...common,
    JAVASTACKTRACEPART: stackTrace('class', 'method', 'file', '%{NUMBER:line}'),
    CATALINA_DATESTAMP: raw`%{MONTH} %{MONTHDAY}, 20%{YEAR} %{HOUR}:?%{MINUTE}(?::?%{SECOND}) (?:AM|PM)`,
    TOMCAT_DATESTAMP: '20%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:?%{MINUTE}(?::?%{SECOND}) %{ISO8601_TIMEZONE}',
    CATALINALOG: '%{CATALINA_DATESTAMP:timestamp} %{JAVACLASS:class} %{JAVALOGMESSAGE:logmessage}',
    TOMCATLOG: raw`%{TOMCAT_DATESTAMP:timestamp} \| %{LOGLEVEL:level} \| %{JAVACLASS:class} - %{JAVALOGMESSAGE:logmessage}`,
  },
  ecs: {
    ...common,
    JAVASTACKTRACEPART: stackTrace(
      '[java][log][origin][class][name]',
      '[log][origin][function]',
      '[log][origin][file][name]',
      '%{INT:[log][origin][file][line]:int}',
    ),
    // Tomcat 4.1 to 7.0: Jan 9, 2014 7:13:13 AM
    CATALINA7_DATESTAMP: '%{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:%{MINUTE}:%{SECOND} (?:AM|PM)',
    CATALINA7_LOG: [
      '%{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:[java][log][origin][class][name]}',
      raw`(?: %{JAVAMETHOD:[log][origin][function]})?(?:\s+%{LOGLEVEL:[log][level]}:|\s*) %{JAVALOGMESSAGE:message}`,
    ].join(''),
    // Tomcat 8.5 and 9.0: 31-Jul-2020 16:40:38.578
    CATALINA8_DATESTAMP: '%{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}:%{SECOND}',
    CATALINA8_LOG: [
      raw`%{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:[log][level]} \[%{DATA:[java][log][origin][thread][name]}\]`,
      raw` %{JAVACLASS:[java][log][origin][class][name]}\.(?:%{JAVAMETHOD:[log][origin][function]})? %{JAVALOGMESSAGE:message}`,
    ].join(''),
    CATALINA_DATESTAMP: '(?:%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP})',
    CATALINALOG: '(?:%{CATALINA8_LOG}|%{CATALINA7_LOG})',
    TOMCAT7_LOG: '%{CATALINA7_LOG}',
    TOMCAT8_LOG: '%{CATALINA8_LOG}',
    TOMCATLEGACY_DATESTAMP: '%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND}(?: %{ISO8601_TIMEZONE})?',
    TOMCATLEGACY_LOG: [
      raw`%{TOMCATLEGACY_DATESTAMP:timestamp} \| %{LOGLEVEL:[log][level]} \|`,
      '%{JAVACLASS:[java][log][origin][class][name]} - %{JAVALOGMESSAGE:message}',
    ].join(' '),
    TOMCAT_DATESTAMP: '(?:%{CATALINA8_DATESTAMP}|%{CATALINA7_DATESTAMP}|%{TOMCATLEGACY_DATESTAMP})',
    TOMCATLOG: '(?:%{TOMCAT8_LOG}|%{TOMCAT7_LOG}|%{TOMCATLEGACY_LOG})',
  },
};
