import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

const HEX = '[0-9A-Fa-f]';
const GROUP = `${HEX}{1,4}`;
const OCTET = '(?:25[0-5]|2[0-4][0-9]|[01][0-9]{2}|[0-9]{1,2})';
const DOTTED = raw`${OCTET}(?:\.${OCTET}){3}`;
const LABEL = '[0-9A-Za-z][0-9A-Za-z-]{0,62}';

/** Letters and digits beyond ASCII, as far as they stand in one UTF-16 code unit. */
const LETTERS = raw`\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff10-\uffdc`;

/**
 * An IPv6 address (RFC 4291, 2.2), with a zone (RFC 4007). `::` stands for at least one group of zeros, so that with
 * `before` groups in front of it up to 7 - `before` come after it; an IPv4 address takes the room of the last two.
 */
function ipv6(): string {
  const forms = [`(?:${GROUP}:){6}(?:${DOTTED}|${GROUP}:${GROUP})`, `(?:${GROUP}:){7}:`, `(?:${GROUP}:){6}(?::${GROUP}|:)`];
  for (let before = 5; before >= 0; before -= 1) {
    const head = before === 0 ? ':' : `(?:${GROUP}:){${before}}`;
    forms.push(`${head}(?:(?::${GROUP}){0,${5 - before}}:${DOTTED}|(?::${GROUP}){1,${7 - before}}|:)`);
  }
  // What has no colon after its first group is none: most texts end here.
  return `(?=${HEX}{0,4}:)(?:${forms.join('|')})(?:%[\\w.~-]+)?`;
}

const common: Patterns = {
  MAC: '(?:%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC})',
  CISCOMAC: raw`${HEX}{4}(?:\.${HEX}{4}){2}`,
  WINDOWSMAC: `${HEX}{2}(?:-${HEX}{2}){5}`,
  COMMONMAC: `${HEX}{2}(?::${HEX}{2}){5}`,
  IPV6: ipv6(),
  IPV4: `(?<![0-9])${DOTTED}(?![0-9])`,
  IP: '(?:%{IPV6}|%{IPV4})',
  HOSTNAME: raw`\b${LABEL}(?:\.${LABEL})*\.?`,
  IPORHOST: '(?:%{IP}|%{HOSTNAME})',
  HOSTPORT: '%{IPORHOST}:%{POSINT}',
  PATH: '(?:%{UNIXPATH}|%{WINPATH})',
  UNIXPATH: raw`/[/\w%!$@:.,+~${LETTERS}-]*`,
  TTY: raw`/dev/(?:pts|tty[pq]?)\w*/?[0-9]+`,
  WINPATH: raw`(?:[A-Za-z]+:|\\)\\[^?*]*`,
  URIPROTO: '[A-Za-z][A-Za-z0-9+.-]+',
  URIPATH: raw`/[/\w$.+!*'(){},~:;=@#%&-]*`,
  URIQUERY: raw`[\w$.+!*'|(){},~@#%&/=:;?\-\[\]<>]*`,
  URIPARAM: raw`\?%{URIQUERY}`,
  URIPATHPARAM: raw`%{URIPATH}(?:\?%{URIQUERY})?`,
  /** The user and the password of a URI, which cannot hold what ends an authority. */
  URIUSERINFO: raw`%{USER}(?::[^@/\s]*)?@`,
  URI: '%{URIPROTO}://(?:%{URIUSERINFO})?(?:%{URIHOST})?(?:%{URIPATHPARAM})?',
};

export const addresses: PatternFamily = {
  legacy: { ...common, URIHOST: '%{IPORHOST}(?::%{POSINT:port})?' },
  ecs: { ...common, URIHOST: '%{IPORHOST}(?::%{POSINT})?' },
};
