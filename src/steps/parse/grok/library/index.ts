import { applications } from './applications.ts';
import { aws } from './aws.ts';
import { bacula } from './bacula.ts';
import { base } from './base.ts';
import { bind } from './bind.ts';
import { cisco } from './cisco.ts';
import { exim } from './exim.ts';
import type { PatternFamily } from './family.ts';
import { firewalls } from './firewalls.ts';
import { haproxy } from './haproxy.ts';
import { httpd } from './httpd.ts';
import { java } from './java.ts';
import { junos } from './junos.ts';
import { nagios } from './nagios.ts';
import { rails } from './rails.ts';
import { syslog } from './syslog.ts';
import { zeek } from './zeek.ts';

const FAMILIES: readonly PatternFamily[] = [
  base,
  applications,
  aws,
  bacula,
  bind,
  cisco,
  exim,
  firewalls,
  haproxy,
  httpd,
  java,
  junos,
  nagios,
  rails,
  syslog,
  zeek,
];

function collect(set: keyof PatternFamily): ReadonlyMap<string, string> {
  return new Map(FAMILIES.flatMap((family) => Object.entries(family[set])));
}

/**
 * The patterns that come with grok, by their names: those of Logstash (logstash-patterns-core 4.3), with the fields of
 * its legacy set or of its ECS set. The names and fields are theirs, so that pipelines move over; the expressions are
 * our own, and keep to linear or quadratic time where Logstash's can explode.
 */
export const libraries: Readonly<Record<keyof PatternFamily, ReadonlyMap<string, string>>> = {
  legacy: collect('legacy'),
  ecs: collect('ecs'),
};
