import type { JsonObject } from '../../record/json.ts';
import type { CiscoTag } from './syslog-cisco.ts';

/** What all kinds of syslog messages hold. */
export interface SyslogMessage {
  /** ms since 1970; `undefined` where the message has none. */
  time: number | undefined;
  /** Only in RFC 5424. */
  version: string | undefined;
  hostname: string | undefined;
  appname: string | undefined;
  procid: string | undefined;
  msgid: string | undefined;
  structuredData: JsonObject | undefined;
  message: string;
  /** Codes from words in the text, as AIX and Solaris write them; -1 where there are none. */
  facility: number;
  severity: number;
  /** The priority of a message within the message, which a relay passed on; -1 where there is none. */
  innerPriority: number;
  /** Who passed the message on. */
  relay: string | undefined;
  cisco: CiscoTag | undefined;
  /** Whether the sender says that its clock is not set. */
  clockUnset: boolean;
  /** The number that Cisco's devices count their messages by. */
  sequence: string | undefined;
}

/** A message of which only the content is known yet. */
export function newMessage(content: string): SyslogMessage {
  return {
    time: undefined,
    version: undefined,
    hostname: undefined,
    appname: undefined,
    procid: undefined,
    msgid: undefined,
    structuredData: undefined,
    message: content,
    facility: -1,
    severity: -1,
    innerPriority: -1,
    relay: undefined,
    cisco: undefined,
    clockUnset: false,
    sequence: undefined,
  };
}
