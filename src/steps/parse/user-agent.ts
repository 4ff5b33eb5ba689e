import { UAParser } from 'ua-parser-js';
import type { JsonObject } from '../../record/json.ts';
import { detached } from './detached.ts';
import type { TextParser } from './parser.ts';

/** ua-parser-js looks at no more. */
const MAX_LENGTH = 500;
/** Agents that are remembered, twice over: see {@link AgentCache}. */
const CACHED = 2_000;

/** What ua-parser-js 1.x leaves out, in its own form of a rule: crawlers, and programs that are no browsers. */
const PROGRAMS = {
  browser: [
    [/\b([\w-]{0,40}(?:bot|spider|crawler|crawl|slurp))(?:\/v?([\w.]{1,40}))?/i],
    ['name', 'version'],
    [
      /^(curl|wget|httpie|lynx|apachebench|python-requests|python-urllib|python-httpx|aiohttp|go-http-client|okhttp|java|apache-httpclient|axios|node-fetch|undici|libwww-perl|postmanruntime|insomnia|kube-probe|elb-healthchecker|googlehc|prometheus|grafana|telegraf|vector|logstash|git|docker|containerd|helm|kubectl|nagios|check_http|zabbix|rsync|dart|ruby|php|perl|guzzlehttp|powershell)\/v?([\w.]{1,40})/i,
    ],
    ['name', 'version'],
  ],
};
const CRAWLER = /(?:bot|spider|crawler|crawl|slurp)$/i;

/** What is known of an agent; plain texts, so that one is shared by many records without being given away. */
interface Agent {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly osName: string | undefined;
  readonly osVersion: string | undefined;
  readonly device: string | undefined;
}

/**
 * The agents seen last, at least {@link CACHED} and at most twice as many: what is asked for moves into the young half,
 * and when that is full it becomes the old one. So nothing is counted or linked at every look-up.
 */
class AgentCache {
  #young = new Map<string, Agent>();
  #old = new Map<string, Agent>();

  get(text: string): Agent {
    const key = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const agent = this.#old.get(key) ?? readAgent(key);
    if (this.#young.size >= CACHED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(detached(key), agent);
    return agent;
  }
}

function readAgent(text: string): Agent {
  const { browser, os, device } = new UAParser(text, PROGRAMS).getResult();
  const crawler = browser.name !== undefined && CRAWLER.test(browser.name);
  return {
    name: owned(browser.name),
    version: owned(browser.version),
    osName: owned(os.name),
    osVersion: owned(os.version),
    device: crawler ? 'Spider' : owned(device.model ?? device.vendor),
  };
}

function owned(piece: string | undefined): string | undefined {
  return piece === undefined || piece === '' ? undefined : detached(piece);
}

/** Makes a reader of User-Agent headers into ECS `user_agent.*`. What an agent does not tell is left out. */
export function userAgentParser(): TextParser {
  const cache = new AgentCache();
  return (text) => {
    const { name, version, osName, osVersion, device } = cache.get(text);
    const agent: JsonObject = { original: text, name, version };
    if (osName !== undefined) {
      agent['os'] = { name: osName, version: osVersion, full: osVersion === undefined ? osName : `${osName} ${osVersion}` };
    }
    if (device !== undefined) agent['device'] = { name: device };
    return { user_agent: agent };
  };
}
