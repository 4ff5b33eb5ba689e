import { ecsOf } from './cisco-ecs-names.ts';
import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

/** The fields of one end of a connection: `src` or `dst`. An interface and a user may be left out by the message. */
const address = (end: string): string => `%{IP:${end}_ip}/%{INT:${end}_port}`;
const at = (end: string): string => `%{CISCO_WORD:${end}_interface}:${address(end)}`;
const user = (name: string): string => raw`(?:\(%{CISCO_USER:${name}}\))?`;
const host = (end: string): string => `%{CISCO_WORD:${end}_interface}:%{IP:${end}_ip}${user(`${end}_fwuser`)}`;
const listed = (end: string): string => raw`%{CISCO_SLASHLESS:${end}_interface}/%{IP:${end}_ip}\(%{INT:${end}_port}\)`;
/** The two addresses that a connection is translated to. */
const mapped = (end: string): string => raw`(?: \(%{IP:${end}_mapped_ip}/%{INT:${end}_mapped_port}\))?`;

const UNIT = raw`\((?:Primary|Secondary)\)`;
const HASHES = raw`\[%{DATA:hashcode1}, %{DATA:hashcode2}\]`;
const ICMP = raw`\(type %{INT:icmp_type}, code %{INT:icmp_code}\)`;
const NAT_STATE = (field: string): string => raw`\s*%{DATA:${field}}\s*behind a NAT device`;

/**
 * The messages of Cisco's ASA by their numbers, with the field names of the legacy set, from which those of ECS are
 * made. Where one number stands for several, the messages differ only in what is captured.
 */
const MESSAGES: Patterns = {
  CISCOFW104001: `${UNIT} Switching to ACTIVE - %{GREEDYDATA:switch_reason}`,
  CISCOFW104002: `${UNIT} Switching to STANDBY - %{GREEDYDATA:switch_reason}`,
  CISCOFW104003: raw`${UNIT} Switching to FAILED\.`,
  CISCOFW104004: raw`${UNIT} Switching to OK\.`,
  CISCOFW105003: `${UNIT} Monitoring on [Ii]nterface %{CISCO_REST:interface_name} waiting`,
  CISCOFW105004: `${UNIT} Monitoring on [Ii]nterface %{CISCO_REST:interface_name} normal`,
  CISCOFW105005: `${UNIT} Lost Failover communications with mate on [Ii]nterface %{CISCO_REST:interface_name}`,
  CISCOFW105008: `${UNIT} Testing [Ii]nterface %{CISCO_REST:interface_name}`,
  CISCOFW105009: `${UNIT} Testing on [Ii]nterface %{CISCO_REST:interface_name} (?:Passed|Failed)`,
  CISCOFW106001: [
    `%{CISCO_DIRECTION:direction} %{WORD:protocol} connection %{CISCO_ACTION:action} from ${address('src')} to ${address('dst')}`,
    'flags %{CISCO_FLAGS:tcp_flags} on interface %{CISCO_REST:interface}',
  ].join(' '),
  CISCOFW106006_106007_106010: [
    `%{CISCO_ACTION:action} %{CISCO_DIRECTION:direction} %{WORD:protocol} (?:from|src) ${address('src')}${user('src_fwuser')}`,
    `(?:to|dst) ${address('dst')}${user('dst_fwuser')} (?:on interface %{CISCO_LAST:interface}|due to %{CISCO_REASON:reason})`,
  ].join(' '),
  CISCOFW106014: `%{CISCO_ACTION:action} %{CISCO_DIRECTION:direction} %{WORD:protocol} src ${host('src')} dst ${host('dst')}%{CISCO_GAP}${ICMP}`,
  CISCOFW106015: [
    raw`%{CISCO_ACTION:action} %{WORD:protocol} \(%{DATA:policy_id}\) from ${address('src')} to ${address('dst')}`,
    'flags %{CISCO_FLAGS:tcp_flags} on interface %{CISCO_REST:interface}',
  ].join(' '),
  CISCOFW106021:
    '%{CISCO_ACTION:action} %{WORD:protocol} reverse path check from %{IP:src_ip} to %{IP:dst_ip} on interface %{CISCO_REST:interface}',
  CISCOFW106023: [
    `%{CISCO_ACTION:action}(?: protocol)? %{WORD:protocol} src %{CISCO_SRC_END}${user('src_fwuser')}`,
    `dst %{CISCO_DST_END}${user('dst_fwuser')}(?: ${ICMP})? by access-group "?%{DATA:policy_id}"? ${HASHES}`,
  ].join(' '),
  CISCOFW106100_2_3: [
    `access-list %{NOTSPACE:policy_id} %{CISCO_ACTION:action} %{WORD:protocol} for user '%{DATA:list_user}' ${listed('src')} ->`,
    `${listed('dst')} %{CISCO_HITCOUNT_INTERVAL} ${HASHES}`,
  ].join(' '),
  CISCOFW106100: [
    `access-list %{NOTSPACE:policy_id} %{CISCO_ACTION:action} %{WORD:protocol} ${listed('src')}${user('src_fwuser')} ->`,
    `${listed('dst')}${user('src_fwuser')} hit-cnt %{INT:hit_count} %{CISCO_INTERVAL:interval} ${HASHES}`,
  ].join(' '),
  CISCOFW110002: `%{CISCO_REASON:reason} for %{WORD:protocol} from ${at('src')} to ${address('dst')}`,
  CISCOFW302010: '%{INT:connection_count} in use, %{INT:connection_count_max} most used',
  CISCOFW302013_302014_302015_302016: [
    '%{CISCO_ACTION:action}(?: %{CISCO_DIRECTION:direction})? %{WORD:protocol} connection %{INT:connection_id}',
    ` for ${at('src')}${mapped('src')}${user('src_fwuser')} to ${at('dst')}${mapped('dst')}${user('dst_fwuser')}`,
    raw`(?: duration %{TIME:duration} bytes %{INT:bytes})?(?: %{CISCO_REASON:reason})?(?: \(%{CISCO_USER:user}\))?`,
  ].join(''),
  CISCOFW302020_302021: [
    '%{CISCO_ACTION:action}(?: %{CISCO_DIRECTION:direction})? %{WORD:protocol} connection for',
    `faddr %{IP:dst_ip}/%{INT:icmp_seq_num}${user('fwuser')} gaddr %{IP:gaddr_ip}/%{INT:icmp_code_xlated}`,
    raw`laddr %{IP:src_ip}/%{INT:laddr_icmp_code}(?: \(%{CISCO_USER:laddr_user}\))?`,
  ].join(' '),
  CISCOFW304001: `%{IP:src_ip}${user('src_fwuser')} Accessed URL %{IP:dst_ip}:%{GREEDYDATA:dst_url}`,
  CISCOFW305011: [
    '%{CISCO_ACTION:action} %{CISCO_XLATE_TYPE:xlate_type} %{WORD:protocol} translation',
    `from %{CISCO_WORD:src_interface}:%{IP:src_ip}(?:/%{INT:src_port})?${user('src_fwuser')}`,
    'to %{CISCO_WORD:src_xlated_interface}:%{IP:src_xlated_ip}/%{CISCO_XLATED_PORT:src_xlated_port}',
  ].join(' '),
  CISCOFW313001_313004_313008: [
    '%{CISCO_ACTION:action} %{WORD:protocol} type=%{INT:icmp_type}, code=%{INT:icmp_code} from %{IP:src_ip}',
    'on interface %{CISCO_LAST:interface}(?: to %{IP:dst_ip})?',
  ].join(' '),
  CISCOFW313005: [
    `%{CISCO_REASON:reason} for %{WORD:protocol} error message: %{WORD:err_protocol} src ${host('err_src')} dst ${host('err_dst')}`,
    raw`\(type %{INT:err_icmp_type}, code %{INT:err_icmp_code}\) on %{CISCO_WORD:err_interface} interface\.\s+Original IP payload:`,
    `%{WORD:orig_protocol} src ${address('orig_src')}${user('orig_src_fwuser')} dst ${address('orig_dst')}${user('orig_dst_fwuser')}`,
  ].join(' '),
  CISCOFW321001: "Resource '%{CISCO_RESOURCE:resource_name}' limit of %{POSINT:resource_limit} reached for system",
  CISCOFW402117: raw`%{WORD:vpn}: Received a non-IPSec packet \(protocol=\s?%{WORD:ipsec_transport}\) from %{IP:src_ip} to %{IP:dst_ip}`,
  CISCOFW402119: [
    raw`%{WORD:vpn}: Received an %{WORD:ipsec_protocol} packet \(SPI=\s?%{DATA:spi}, sequence number=\s?%{DATA:seq_num}\)`,
    raw`from %{IP:src_ip} \(user=\s?%{CISCO_USER:ipsec_user}\) to %{IP:dst_ip} that failed anti-replay checking`,
  ].join(' '),
  CISCOFW419001: `%{CISCO_ACTION:action} %{WORD:protocol} packet from ${at('src')} to ${at('dst')}, reason: %{GREEDYDATA:reason}`,
  CISCOFW419002: `%{CISCO_REASON:reason} from ${at('src')} to ${at('dst')} with different initial sequence number`,
  CISCOFW500004: `%{CISCO_REASON:reason} for protocol=%{WORD:protocol}, from ${address('src')} to ${address('dst')}`,
  CISCOFW602303_602304: [
    raw`%{WORD:vpn}: An %{CISCO_DIRECTION:direction} %{DATA:tunnel_type} SA \(SPI=\s?%{DATA:spi}\) between %{IP:src_ip} and`,
    raw`%{IP:dst_ip} \(user=\s?%{CISCO_USER:ipsec_user}\) has been %{CISCO_ACTION:action}`,
  ].join(' '),
  CISCOFW710001_710002_710003_710005_710006: `%{WORD:protocol} (?:request|access) %{CISCO_ACTION:action} from ${address('src')} to ${at('dst')}`,
  CISCOFW713172: [
    'Group = %{DATA:group}, IP = %{IP:src_ip}, Automatic NAT Detection Status:',
    raw`\s+Remote end${NAT_STATE('is_remote_natted')}\s+This\s+end${NAT_STATE('is_local_natted')}`,
  ].join(''),
  CISCOFW733100: [
    raw`\[\s*%{CISCO_BRACKETED:drop_type}\s*\] drop %{DATA:drop_rate_id} exceeded. Current burst rate is %{INT:drop_rate_current_burst} per second,`,
    'max configured rate is %{INT:drop_rate_max_burst}; Current average rate is %{INT:drop_rate_current_avg} per second,',
    'max configured rate is %{INT:drop_rate_max_avg}; Cumulative total count is %{INT:drop_total_count}',
  ].join(' '),
};

const common: Patterns = {
  CISCOTIMESTAMP: '%{MONTH} +%{MONTHDAY}(?: %{YEAR})? %{TIME}',
  CISCOTAG: '[A-Z0-9]+-%{INT}-[A-Z0-9_]+',
  CISCO_ACTION:
    '(?:Built|Teardown|Den(?:y|ied)|denied(?: by ACL)?|requested|permitted|discarded|est-allowed|Dropping|created|deleted)',
  /** One of the known reasons, or any words. */
  CISCO_REASON: raw`(?:Duplicate TCP SYN|Failed to locate egress interface|Invalid transport field|No matching connection|DNS (?:Response|Query)|(?:\w+(?:\s+\w+)*\b\s*)?)`,
  CISCO_DIRECTION: '(?:[Ii]nbound|[Oo]utbound)',
  CISCO_INTERVAL: '(?:first hit|%{INT}-second interval)',
  CISCO_XLATE_TYPE: '(?:static|dynamic)',
  CISCO_WORD: raw`\S+`,
  CISCO_SLASHLESS: raw`[^\s/]+`,
  CISCO_USER: '[^)]*',
  CISCO_BRACKETED: raw`[^\]]*?`,
};

/** The start of an ASA message that came over syslog, with the fields for its priority, host and tag. */
const tagged = (priority: string, from: string, tag: string): string =>
  `^<%{POSINT:${priority}}>%{CISCOTIMESTAMP:timestamp}(?: %{SYSLOGHOST:${from}})? ?: %%{CISCOTAG:${tag}}:`;

/** What differs by more than its fields' names. */
const legacy: Patterns = {
  CISCO_TAGGED_SYSLOG: tagged('syslog_pri', 'sysloghost', 'ciscotag'),
  CISCO_REST: '.*',
  CISCO_FLAGS: '.*',
  // At a line's end DATA takes nothing: so it is in Logstash's set.
  CISCO_LAST: '.*?',
  CISCO_GAP: ' ',
  CISCO_RESOURCE: '%{WORD}',
  CISCO_XLATED_PORT: '.*?',
  CISCO_SRC_END: '%{CISCO_WORD:src_interface}:%{CISCO_PEER:src_ip}(?:/%{INT:src_port})?',
  CISCO_DST_END: '%{CISCO_WORD:dst_interface}:%{CISCO_PEER:dst_ip}(?:/%{INT:dst_port})?',
  CISCO_PEER: raw`[^\s/(]*`,
  CISCO_HITCOUNT_INTERVAL: 'hit-cnt %{INT:hit_count} %{CISCO_INTERVAL:interval}',
};

const ecs: Patterns = {
  CISCO_TAGGED_SYSLOG: tagged('[log][syslog][priority]:int', '[host][hostname]', '[cisco][asa][tag]'),
  CISCO_REST: raw`\S+`,
  CISCO_FLAGS: '.*?',
  CISCO_LAST: raw`\S+`,
  CISCO_GAP: raw`\s?`,
  CISCO_RESOURCE: "[^']*",
  CISCO_XLATED_PORT: '%{INT}',
  CISCO_SRC_IP_USER: ecsOf(host('src')),
  CISCO_DST_IP_USER: ecsOf(host('dst')),
  CISCO_SRC_END: ecsOf('%{CISCO_WORD:src_interface}:(?:%{IP:src_ip}|%{HOSTNAME:src_host})(?:/%{INT:src_port})?'),
  CISCO_DST_END: ecsOf('%{CISCO_WORD:dst_interface}:(?:%{IP:dst_ip}|%{HOSTNAME:dst_host})(?:/%{INT:dst_port})?'),
  CISCO_SRC_HOST_PORT_USER: ecsOf(`%{CISCO_SRC_END}${user('src_fwuser')}`),
  CISCO_DST_HOST_PORT_USER: ecsOf(`%{CISCO_DST_END}${user('dst_fwuser')}`),
  CISCO_HITCOUNT_INTERVAL:
    'hit-cnt %{INT:[cisco][asa][hit_count]:int} (?:first hit|%{INT:[cisco][asa][interval]:int}-second interval)',
};

/** The legacy names of parts that the legacy set does not tell apart. */
const LEGACY_NAMES: Readonly<Record<string, string>> = {
  vpn: 'protocol',
  ipsec_transport: 'orig_protocol',
  ipsec_protocol: 'orig_protocol',
  ipsec_user: 'user',
  list_user: 'src_fwuser',
  laddr_user: 'user',
  laddr_icmp_code: 'icmp_code',
  gaddr_ip: 'src_xlated_ip',
  err_interface: 'interface',
  orig_protocol: 'protocol',
};

const legacyOf = (pattern: string): string =>
  pattern.replaceAll(/:(\w+)\}/g, (_, name: string) => `:${LEGACY_NAMES[name] ?? name}}`);

const messagesBy = (naming: (pattern: string) => string): Patterns =>
  Object.fromEntries(Object.entries(MESSAGES).map(([name, pattern]) => [name, naming(pattern)]));

export const cisco: PatternFamily = {
  legacy: { ...common, ...legacy, ...messagesBy(legacyOf) },
  ecs: { ...common, ...ecs, ...messagesBy(ecsOf) },
};
