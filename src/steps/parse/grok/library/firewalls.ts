import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

/** A value of the kernel's `KEY=value` lists, which may be missing. */
const optional = (key: string, pattern: string): string => `${key}=(?:${pattern})?`;
const TAKEN = raw`\s+`;
/** Other values of the list, which are passed over. */
const LATER = raw`\s(?:.*?\s)?`;

/** Netfilter's list of a packet, in its order (RFC 791, RFC 8200 and RFC 9293 name the parts of the headers). */
const iptables: Patterns = {
  IPTABLES_TCP_FLAGS: '(?:(?:CWR|ECE|URG|ACK|PSH|RST|SYN|FIN) )*',
  IPTABLES_TCP_PART: [
    raw`(?:SEQ=%{INT:[iptables][tcp][seq]:int}\s+)?(?:ACK=%{INT:[iptables][tcp][ack]:int}\s+)?WINDOW=%{INT:[iptables][tcp][window]:int}`,
    'RES=0x%{BASE16NUM:[iptables][tcp_reserved_bits]}',
    '%{IPTABLES_TCP_FLAGS:[iptables][tcp][flags]}',
  ].join(TAKEN),
  IPTABLES4_FRAG: '(?:CE|DF|MF)',
  IPTABLES4_PART: [
    'SRC=%{IPV4:[source][ip]}',
    'DST=%{IPV4:[destination][ip]}',
    optional('LEN', '%{INT:[iptables][length]:int}'),
    optional('TOS', '0x%{BASE16NUM:[iptables][tos]}|0'),
    optional('PREC', '0x%{BASE16NUM:[iptables][precedence_bits]}'),
    optional('TTL', '%{INT:[iptables][ttl]:int}'),
    optional('ID', '%{INT:[iptables][id]}'),
  ]
    .join(TAKEN)
    .concat(raw`(?:\s+%{IPTABLES4_FRAG:[iptables][fragment_flags]})?(?:\s+FRAG: %{INT:[iptables][fragment_offset]:int})?`),
  IPTABLES6_PART: [
    'SRC=%{IPV6:[source][ip]}',
    'DST=%{IPV6:[destination][ip]}',
    optional('LEN', '%{INT:[iptables][length]:int}'),
    optional('TC', '0x%{BASE16NUM:[iptables][tos]}|0'),
    optional('HOPLIMIT', '%{INT:[iptables][ttl]:int}'),
    optional('FLOWLBL', '%{INT:[iptables][flow_label]}'),
  ].join(TAKEN),
  /** The two addresses and the type of an Ethernet frame's header. */
  IPTABLES_MAC: '%{COMMONMAC:[destination][mac]}?(?::%{COMMONMAC:[source][mac]})?(?::[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2})?',
  IPTABLES: [
    raw`${optional('IN', '%{NOTSPACE:[observer][ingress][interface][name]}')}\s+${optional('OUT', '%{NOTSPACE:[observer][egress][interface][name]}')}`,
    raw`(?:MAC=%{IPTABLES_MAC}\s+)?(?:%{IPTABLES4_PART}|%{IPTABLES6_PART})${LATER}${optional('PROTO', '%{WORD:[network][transport]}')}`,
    optional('SPT', '%{INT:[source][port]:int}'),
    optional('DPT', '%{INT:[destination][port]:int}'),
    '(?:%{IPTABLES_TCP_PART})?',
  ].join(TAKEN),
};

const legacy: Patterns = {
  NETSCREENSESSIONLOG: [
    '%{SYSLOGTIMESTAMP:date} %{IPORHOST:device} %{IPORHOST}: NetScreen device_id=%{WORD:device_id}(?:\\W.*?)?:',
    'start_time=%{QUOTEDSTRING:start_time} duration=%{INT:duration} policy_id=%{INT:policy_id} service=%{DATA:service}',
    'proto=%{INT:proto} src zone=%{WORD:src_zone} dst zone=%{WORD:dst_zone} action=%{WORD:action} sent=%{INT:sent}',
    'rcvd=%{INT:rcvd} src=%{IPORHOST:src_ip} dst=%{IPORHOST:dst_ip} src_port=%{INT:src_port} dst_port=%{INT:dst_port}',
    'src-xlated ip=%{IPORHOST:src_xlated_ip} port=%{INT:src_xlated_port}',
    'dst-xlated ip=%{IPORHOST:dst_xlated_ip} port=%{INT:dst_xlated_port}',
    'session_id=%{INT:session_id} reason=%{GREEDYDATA:reason}',
  ].join(' '),
  SHOREWALL: [
    '%{SYSLOGTIMESTAMP:timestamp} %{WORD:nf_host} .*?Shorewall:%{WORD:nf_action1}?:%{WORD:nf_action2}?',
    raw`(?:\W.*?)?IN=%{USERNAME:nf_in_interface}?${LATER}`,
    raw`(?:OUT= *MAC=%{COMMONMAC:nf_dst_mac}:%{COMMONMAC:nf_src_mac}?\S*|OUT=%{USERNAME:nf_out_interface})${LATER}`,
    [
      'SRC=%{IPV4:nf_src_ip}',
      'DST=%{IPV4:nf_dst_ip}',
      'LEN=%{WORD:nf_len}',
      'TOS=%{WORD:nf_tos}',
      'PREC=%{WORD:nf_prec}',
      'TTL=%{INT:nf_ttl}',
      `ID=%{INT:nf_id}${LATER}PROTO=%{WORD:nf_protocol}`,
      'SPT=%{INT:nf_src_port}?',
      'DPT=%{INT:nf_dst_port}?.*',
    ].join(TAKEN),
  ].join(''),
  SFW2: [
    raw`(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})\s+%{HOSTNAME}\s+kernel\S+\s+(?:%{NAGIOSTIME}\s*)?`,
    raw`SFW2-INext-%{NOTSPACE:nf_action}\s+IN=%{USERNAME:nf_in_interface}${LATER}`,
    raw`OUT=(?:\s*%{USERNAME:nf_out_interface})?\s*MAC=(?:%{COMMONMAC:nf_dst_mac}:%{COMMONMAC:nf_src_mac})?\S*\s+`,
    raw`SRC=%{IP:nf_src_ip}\s+DST=%{IP:nf_dst_ip}${LATER}PROTO=%{WORD:nf_protocol}`,
    `(?:${LATER}SPT=%{INT:nf_src_port}${LATER}DPT=%{INT:nf_dst_port}.*)?`,
  ].join(''),
};

const ecs: Patterns = {
  ...iptables,
  NETSCREENSESSIONLOG: [
    '%{SYSLOGTIMESTAMP:timestamp} %{IPORHOST:[observer][hostname]} %{NOTSPACE:[observer][name]}: (?<[observer][product]>NetScreen)',
    raw`device_id=%{WORD:[netscreen][device_id]} .*?(?:system-\w+-%{NONNEGINT:[event][code]}\(%{WORD:[netscreen][session][type]}\))?:`,
    'start_time="(?<[netscreen][session][start_time]>[^"]*)" duration=%{INT:[netscreen][session][duration]:int}',
    'policy_id=%{INT:[netscreen][policy_id]} service=%{DATA:[netscreen][service]} proto=%{INT:[netscreen][protocol_number]:int}',
    'src zone=%{WORD:[observer][ingress][zone]} dst zone=%{WORD:[observer][egress][zone]} action=%{WORD:[event][action]}',
    'sent=%{INT:[source][bytes]:int} rcvd=%{INT:[destination][bytes]:int} src=%{IPORHOST:[source][address]}',
    'dst=%{IPORHOST:[destination][address]}',
  ]
    .join(' ')
    .concat('(?: src_port=%{INT:[source][port]:int} dst_port=%{INT:[destination][port]:int})?')
    .concat('(?: src-xlated ip=%{IP:[source][nat][ip]} port=%{INT:[source][nat][port]:int}')
    .concat(' dst-xlated ip=%{IP:[destination][nat][ip]} port=%{INT:[destination][nat][port]:int})?')
    .concat('(?: session_id=%{INT:[netscreen][session][id]} reason=%{GREEDYDATA:[netscreen][session][reason]})?'),
  SHOREWALL: [
    '%{SYSLOGTIMESTAMP:timestamp} %{WORD:[observer][hostname]} .*?Shorewall:%{WORD:[shorewall][firewall][type]}?',
    ':%{WORD:[shorewall][firewall][action]}?.*?%{IPTABLES}',
  ].join(''),
  SFW2_LOG_PREFIX: 'SFW2-INext-%{NOTSPACE:[suse][firewall][action]}',
  SFW2: [
    raw`(?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp})\s*%{HOSTNAME:[observer][hostname]}\s`,
    raw`.*?%{SFW2_LOG_PREFIX:[suse][firewall][log_prefix]}\s+%{IPTABLES}`,
  ].join(''),
};

export const firewalls: PatternFamily = { legacy, ecs };
