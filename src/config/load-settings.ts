import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { KafkaSecurity, Settings } from '../topology/settings.ts';
import { type Diagnostic, Diagnostics } from './diagnostic.ts';
import { readSourceText } from './load-pipeline.ts';
import { mergeNodes } from './merge.ts';
import type { ConfigNode, MapNode } from './node.ts';
import { checkOptions } from './options.ts';
import { settingsSchema } from './settings-schema.ts';
import { SourceText, spanAt } from './source-text.ts';
import { type Environment, resolvePlain } from './substitution.ts';
import { nearest } from './suggest.ts';
import { quoted } from './yaml-quoting.ts';
import { readYaml } from './yaml-reader.ts';

export interface SettingsRequest {
  /** Default `local`. */
  readonly profile?: string;
  /** Further files, laid over the profile's in their order. */
  readonly configFiles?: readonly string[];
  readonly environment: Environment;
  /** Single settings by path, laid over all files: `{ 'kafka.brokers': '127.0.0.1:9092' }`. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** Where `./config` and relative paths of overrides begin; default: the process's working directory. */
  readonly directory?: string;
}

export type LoadedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const PROFILES = ['embedded', 'local', 'production'];

/** Reads the process settings: `config/default.yaml`, the profile's overlay, further files, single settings. */
export function loadSettings(request: SettingsRequest): LoadedSettings {
  const diagnostics = new Diagnostics();
  const settings = load(request, diagnostics);
  return settings === undefined || diagnostics.hasErrors
    ? { ok: false, diagnostics: diagnostics.list() }
    : { ok: true, settings };
}

function load(request: SettingsRequest, diagnostics: Diagnostics): Settings | undefined {
  const { profile = 'local', configFiles = [], environment, overrides = {}, directory = process.cwd() } = request;
  const files = filesOf(profile, directory, diagnostics);
  let merged: ConfigNode | undefined;
  for (const file of [...files, ...configFiles]) {
    const base = dirname(resolve(directory, file));
    const source = readSourceText(file, environment, diagnostics);
    const tree = source && readYaml({ source, environment, diagnostics, resolvePath: (path) => resolve(base, path) });
    // A file of comments only is as good as an empty mapping.
    if (tree?.kind === 'map') merged = merged === undefined ? tree : mergeNodes(merged, tree);
  }
  if (merged?.kind !== 'map' || diagnostics.hasErrors) return undefined;
  const withOverrides = mergeNodes(merged, overrideTree(overrides));
  const checked = checkOptions(
    settingsSchema,
    withOverrides,
    { name: 'the settings', owner: spanAt(merged.source, merged.start) },
    {
      diagnostics,
      resolvePath: (path, source) => resolve(directory, dirname(source.file), path),
      bind: () => [],
      topic: () => {},
    },
  );
  return checked.ok ? settingsOf(checked.value, profile, directory) : undefined;
}

/** The package's own `config/`, from the sources and from `dist/` alike. */
function packageConfigDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'config', 'default.yaml'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error('the package is incomplete: there is no config/default.yaml beside it');
    directory = parent;
  }
  return join(directory, 'config');
}

function filesOf(profile: string, directory: string, diagnostics: Diagnostics): string[] {
  const own = packageConfigDirectory();
  const overlays = [...new Set([join(own, `${profile}.yaml`), join(resolve(directory), 'config', `${profile}.yaml`)])];
  const found = /^[a-z0-9_-]+$/i.test(profile) && profile !== 'default' ? overlays.filter((file) => existsSync(file)) : [];
  if (found.length === 0) {
    const meant = nearest(profile, PROFILES);
    const at = spanAt(commandLine(`--profile ${profile}`), '--profile '.length, '--profile '.length + profile.length);
    const parameters = { profile: quoted(profile), looked: overlays.join(' and ') };
    diagnostics.error('CONFIG_UNKNOWN_PROFILE', at, parameters, meant === undefined ? undefined : quoted(meant));
  }
  return [join(own, 'default.yaml'), ...found];
}

function commandLine(text: string): SourceText {
  return new SourceText('(command line)', text);
}

function overrideTree(overrides: Readonly<Record<string, string>>): MapNode {
  let tree: ConfigNode = { kind: 'map', ...spanAt(commandLine(''), 0), entries: new Map() };
  for (const [path, text] of Object.entries(overrides)) tree = mergeNodes(tree, overrideNode(path, text));
  return tree as MapNode;
}

function overrideNode(path: string, text: string): ConfigNode {
  const source = commandLine(`${path}=${text}`);
  const keySpan = spanAt(source, 0, path.length);
  const valueSpan = spanAt(source, path.length + 1, source.text.length);
  const scalar: ConfigNode = {
    kind: 'scalar',
    ...valueSpan,
    value: resolvePlain(text),
    plain: true,
    secret: false,
    offsetOf: (i) => valueSpan.start + i,
  };
  return levelsOf(path).reduceRight<ConfigNode>(
    (value, key) => ({ kind: 'map', ...keySpan, entries: new Map([[key, { key, keySpan, value }]]) }),
    scalar,
  );
}

/** Names of librdkafka's properties have dots themselves. */
function levelsOf(path: string): string[] {
  const options = 'kafka.options.';
  return path.startsWith(options) ? ['kafka', 'options', path.slice(options.length)] : path.split('.');
}

function settingsOf(given: z.output<typeof settingsSchema>, profile: string, directory: string): Settings {
  const { kafka, commit, zookeeper, delivery } = given;
  return {
    profile,
    namespace: given.namespace,
    host: given.host === '' ? hostname() : given.host,
    ...(delivery === 'pipeline' ? {} : { delivery }),
    dataDirectory: resolve(directory, given.data_directory),
    kafka: {
      mode: kafka.mode,
      brokers: kafka.brokers.replaceAll(/\s/g, ''),
      security: securityOf(kafka.security),
      options: kafka.options,
      ...(kafka.replication === 'brokers' ? {} : { replication: kafka.replication }),
      sessionTimeoutMs: kafka.session_timeout,
      transactionTimeoutMs: kafka.transaction_timeout,
      batches: kafka.batches,
    },
    admin: given.admin,
    commit: { intervalMs: commit.interval, maxRecords: commit.max_records, maxBytes: commit.max_bytes },
    ...(zookeeper === 'none' ? {} : { zookeeper: zookeeper.replaceAll(/\s/g, '') }),
    log: given.log,
  };
}

function securityOf({
  key_password: keyPassword,
  ...security
}: z.output<typeof settingsSchema>['kafka']['security']): KafkaSecurity {
  const { protocol, ca, certificate, key, mechanism, username, password } = security;
  return {
    protocol,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(keyPassword === undefined ? {} : { keyPassword }),
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
