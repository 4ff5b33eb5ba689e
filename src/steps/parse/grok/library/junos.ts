import type { PatternFamily } from './family.ts';

const { raw } = String;

const TAGS = '(?:RT_FLOW_SESSION_CREATE|RT_FLOW_SESSION_CLOSE|RT_FLOW_SESSION_DENY)';

const legacyEnds = '%{IP:src-ip}/%{INT:src-port}->%{IP:dst-ip}/%{INT:dst-port} %{RT_FLOW_WORD:service}';
const legacyNat = [
  '%{IP:nat-src-ip}/%{INT:nat-src-port}->%{IP:nat-dst-ip}/%{INT:nat-dst-port}',
  '%{RT_FLOW_WORD:src-nat-rule-name} %{RT_FLOW_WORD:dst-nat-rule-name} %{INT:protocol-id}',
].join(' ');
const legacyZones = '%{RT_FLOW_WORD:policy-name} %{RT_FLOW_WORD:from-zone} %{RT_FLOW_WORD:to-zone}';

const ecsEnds =
  '%{IP:[source][ip]}/%{INT:[source][port]:int}->%{IP:[destination][ip]}/%{INT:[destination][port]:int} %{RT_FLOW_WORD:[juniper][srx][service_name]}';
const ecsNat = [
  '%{IP:[source][nat][ip]}/%{INT:[source][nat][port]:int}->%{IP:[destination][nat][ip]}/%{INT:[destination][nat][port]:int}',
  '(?:None|%{RT_FLOW_WORD:[juniper][srx][src_nat_rule_name]}) (?:None|%{RT_FLOW_WORD:[juniper][srx][dst_nat_rule_name]})',
  '%{INT:[network][iana_number]}',
].join(' ');
const ecsZones =
  '%{RT_FLOW_WORD:[rule][name]} %{RT_FLOW_WORD:[observer][ingress][zone]} %{RT_FLOW_WORD:[observer][egress][zone]}';

/** Names of services, rules and zones hold no blank. */
const RT_FLOW_WORD = raw`\S*`;

/** Session logs of Junos 11.4: closed, created and denied. */
export const junos: PatternFamily = {
  legacy: {
    RT_FLOW_WORD,
    RT_FLOW_EVENT: TAGS,
    RT_FLOW1: [
      `%{RT_FLOW_EVENT:event}: %{GREEDYDATA:close-reason}: ${legacyEnds} ${legacyNat} ${legacyZones} %{INT:session-id}`,
      raw`\d+\((?<sent>[^)]*)\) \d+\((?<received>[^)]*)\) %{INT:elapsed-time} .*`,
    ].join(' '),
    RT_FLOW2: `%{RT_FLOW_EVENT:event}: session created ${legacyEnds} ${legacyNat} ${legacyZones} %{INT:session-id} .*`,
    RT_FLOW3: raw`%{RT_FLOW_EVENT:event}: session denied ${legacyEnds} %{INT:protocol-id}\(\d\) ${legacyZones} .*`,
  },
  ecs: {
    RT_FLOW_WORD,
    RT_FLOW_TAG: TAGS,
    RT_FLOW_EVENT: '%{RT_FLOW_TAG}',
    RT_FLOW1: [
      `%{RT_FLOW_TAG:[juniper][srx][tag]}: %{GREEDYDATA:[juniper][srx][reason]}: ${ecsEnds} ${ecsNat} ${ecsZones}`,
      raw`%{INT:[juniper][srx][session_id]} \d+\(%{INT:[source][bytes]:int}\) \d+\(%{INT:[destination][bytes]:int}\)`,
      '%{INT:[juniper][srx][elapsed_time]:int} .*',
    ].join(' '),
    RT_FLOW2: `%{RT_FLOW_TAG:[juniper][srx][tag]}: session created ${ecsEnds} ${ecsNat} ${ecsZones} %{INT:[juniper][srx][session_id]} .*`,
    RT_FLOW3: raw`%{RT_FLOW_TAG:[juniper][srx][tag]}: session denied ${ecsEnds} %{INT:[network][iana_number]}\(\d\) ${ecsZones} .*`,
  },
};
