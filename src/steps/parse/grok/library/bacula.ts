import type { PatternFamily, Patterns } from './family.ts';

const { raw } = String;

/** The fields of a naming scheme; a pattern without a name of its own is not captured. */
interface Names {
  readonly volume: string;
  readonly device: string;
  readonly client: string;
  readonly job: string;
  readonly error: string;
}

/** A message of Bacula by what is said of it: all begin at the line's text and go on to its end. */
function messages({ volume, device, client, job, error }: Names): Patterns {
  const named = `"%{BACULA_VOLUME:${volume}}"`;
  return {
    NEW_VOLUME: `Created new Volume ${named} in catalog.`,
    NOJOBS: `There are no more Jobs associated with Volume ${named}. Marking it purged.`,
    BEGIN_PRUNE_JOBS: 'Begin pruning Jobs older than %{INT} month %{INT} days .',
    BEGIN_PRUNE_FILES: 'Begin pruning Files.',
    PRUNED_JOBS: `Pruned %{INT} Jobs* for client %{BACULA_HOST:${client}} from catalog.`,
    PRUNED_FILES: `Pruned Files from %{INT} Jobs* for client %{BACULA_HOST:${client}} from catalog.`,
    ENDPRUNE: 'End auto prune.',
    STARTJOB: `Start Backup JobId %{INT}, Job=%{BACULA_JOB:${job}}`,
    STARTRESTORE: `Start Restore Job %{BACULA_JOB:${job}}`,
    USEDEVICE: `Using Device "%{BACULA_DEVICE:${device}}"`,
    NOPRUNE_JOBS: 'No Jobs found to prune.',
    NOPRUNE_FILES: 'No Files found to prune.',
    NOOPEN: raw`\s*Cannot open %{DATA}: ERR=%{GREEDYDATA:${error}}`,
    VSS: '(?:Generate )?VSS (?:Writer)?',
    MAXSTART: 'Fatal [eE]rror: Job canceled because max start delay time exceeded.',
    NOJOBSTAT: 'Fatal [eE]rror: No Job status returned from FD.',
    NOSUIT: 'No prior or suitable Full backup found in catalog. Doing FULL backup.',
    NOPRIOR: 'No prior Full backup Job record found.',
    JOB: raw`(?:Error: )?Bacula %{BACULA_HOST} %{BACULA_VERSION} \(%{BACULA_VERSION}\):`,
  };
}

const common: Patterns = {
  BACULA_VOLUME: '%{USER}',
  BACULA_DEVICE: '%{USER}',
  BACULA_DEVICEPATH: '%{UNIXPATH}',
  BACULA_CAPACITY: raw`[+-]?[0-9]+(?:,[0-9]+)*`,
  BACULA_VERSION: '%{USER}',
  BACULA_JOB: '%{USER}',
};

/** Where two messages fit, the first is taken: this is their order. */
const ORDER = [
  'MAX_CAPACITY END_VOLUME NEW_VOLUME NEW_LABEL WROTE_LABEL NEW_MOUNT NOOPEN NOOPENDIR NOSTAT NOJOBS ALL_RECORDS_PRUNED',
  'BEGIN_PRUNE_JOBS BEGIN_PRUNE_FILES PRUNED_JOBS PRUNED_FILES ENDPRUNE STARTJOB STARTRESTORE USEDEVICE DIFF_FS JOBEND',
  'NOPRUNE_JOBS NOPRUNE_FILES VOLUME_PREVWRITTEN READYAPPEND CANCELLING MARKCANCEL CLIENT_RBJ VSS MAXSTART DUPLICATE',
  'NOJOBSTAT FATAL_CONN NO_CONNECT NO_AUTH NOSUIT JOB NOPRIOR',
]
  .join(' ')
  .split(' ');

function patternsOf(head: string, jobId: string, found: Patterns): Patterns {
  const line = `${head}(?: JobId %{INT:${jobId}})?:? (?:${ORDER.map((name) => `%{BACULA_LOG_${name}}`).join('|')})`;
  return {
    ...common,
    ...Object.fromEntries(Object.entries(found).map(([name, pattern]) => [`BACULA_LOG_${name}`, pattern])),
    BACULA_LOG: line,
    BACULA_LOGLINE: '%{BACULA_LOG}',
  };
}

const onVolume = (field: string): string => `"%{BACULA_VOLUME:${field}}"`;

const LEGACY_WHEN = '%{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}';
const legacyConnect = (verb: string): string =>
  `${verb} connect to (?:Client: %{BACULA_HOST:client}|Storage daemon) on %{HOSTNAME}:%{POSINT}. ERR=%{GREEDYDATA:berror}`;

const legacy: Patterns = {
  ...patternsOf('%{BACULA_TIMESTAMP:bts} %{BACULA_HOST:hostname}', 'jobid', {
    ...messages({ volume: 'volume', device: 'device', client: 'client', job: 'job', error: 'berror' }),
    MAX_CAPACITY: raw`User defined maximum volume capacity %{BACULA_CAPACITY} exceeded on device "%{BACULA_DEVICE:device}" \(%{BACULA_DEVICEPATH}\)`,
    END_VOLUME: `End of medium on Volume ${onVolume('volume')} Bytes=%{BACULA_CAPACITY} Blocks=%{BACULA_CAPACITY} at ${LEGACY_WHEN}.`,
    NEW_LABEL: raw`Labeled new Volume ${onVolume('volume')} on device "%{BACULA_DEVICE:device}" \(%{BACULA_DEVICEPATH}\).`,
    WROTE_LABEL: raw`Wrote label to prelabeled Volume ${onVolume('volume')} on device "%{BACULA_DEVICE}" \(%{BACULA_DEVICEPATH}\)`,
    NEW_MOUNT: raw`New volume ${onVolume('volume')} mounted on device "%{BACULA_DEVICE:device}" \(%{BACULA_DEVICEPATH}\) at ${LEGACY_WHEN}.`,
    NOOPENDIR: raw`\s*Could not open directory %{DATA}: ERR=%{GREEDYDATA:berror}`,
    NOSTAT: raw`\s*Could not stat %{DATA}: ERR=%{GREEDYDATA:berror}`,
    ALL_RECORDS_PRUNED: `All records pruned from Volume ${onVolume('volume')}; marking it "Purged"`,
    DIFF_FS: raw`\s+%{UNIXPATH} is a different filesystem. Will not descend from %{UNIXPATH} into it.`,
    JOBEND: 'Job write elapsed time = %{DATA:elapsed}, Transfer rate = %{NUMBER} [KMG]? Bytes/second',
    VOLUME_PREVWRITTEN: `Volume ${onVolume('volume')} previously written, moving to end of data.`,
    READYAPPEND: `Ready to append to end of Volume ${onVolume('volume')} size=%{INT}`,
    CANCELLING: 'Cancelling duplicate JobId=%{INT}.',
    MARKCANCEL: 'JobId %{INT}, Job %{BACULA_JOB:job} marked to be canceled.',
    CLIENT_RBJ: 'shell command: run ClientRunBeforeJob "%{GREEDYDATA:runjob}"',
    DUPLICATE: 'Fatal [eE]rror: JobId %{INT:duplicate} already running. Duplicate job not allowed.',
    FATAL_CONN: `Fatal [eE]rror: bsock.c:133 ${legacyConnect('Unable to')}`,
    NO_CONNECT: `Warning: bsock.c:127 ${legacyConnect('Could not')}`,
    NO_AUTH: 'Fatal error: Unable to authenticate with File daemon at %{DATA}. Possible causes:',
  }),
  BACULA_TIMESTAMP: '%{MONTHDAY}-%{MONTH} %{HOUR}:%{MINUTE}',
  BACULA_HOST: '[A-Za-z0-9-]+',
};

const DEVICE = raw`device "%{BACULA_DEVICE:[bacula][volume][device]}" \(%{BACULA_DEVICEPATH:[bacula][volume][path]}\)`;
const VOLUME = onVolume('[bacula][volume][name]');
const ADDRESS = '%{IPORHOST:[client][address]}';
const ecsConnect = (verb: string): string =>
  `${verb} connect to (?:Client: %{BACULA_HOST:[bacula][client][name]}|Storage daemon) on ${ADDRESS}:%{POSINT:[client][port]:int}. ERR=%{GREEDYDATA:[error][message]}`;

const ecs: Patterns = {
  ...patternsOf('%{BACULA_TIMESTAMP:timestamp} %{BACULA_HOST:[host][hostname]}', '[bacula][job][id]', {
    ...messages({
      volume: '[bacula][volume][name]',
      device: '[bacula][volume][device]',
      client: '[bacula][client][name]',
      job: '[bacula][job][name]',
      error: '[error][message]',
    }),
    MAX_CAPACITY: `User defined maximum volume capacity %{BACULA_CAPACITY:[bacula][volume][max_capacity]} exceeded on ${DEVICE}.?`,
    END_VOLUME: [
      `End of medium on Volume ${VOLUME} Bytes=%{BACULA_CAPACITY:[bacula][volume][bytes]}`,
      'Blocks=%{BACULA_CAPACITY:[bacula][volume][blocks]} at %{BACULA_TIMESTAMP:[bacula][timestamp]}.',
    ].join(' '),
    NEW_LABEL: `Labeled new Volume ${VOLUME} on (?:file )?${DEVICE}.`,
    WROTE_LABEL: `Wrote label to prelabeled Volume ${VOLUME} on ${DEVICE}`,
    NEW_MOUNT: `New volume ${VOLUME} mounted on ${DEVICE} at %{BACULA_TIMESTAMP:[bacula][timestamp]}.`,
    NOOPENDIR: raw`\s*Could not open directory "?%{DATA:[file][path]}"?: ERR=%{GREEDYDATA:[error][message]}`,
    NOSTAT: raw`\s*Could not stat %{DATA:[file][path]}: ERR=%{GREEDYDATA:[error][message]}`,
    ALL_RECORDS_PRUNED: `.*?All records pruned from Volume ${VOLUME}; marking it "Purged"`,
    DIFF_FS: raw`\s*%{UNIXPATH} is a different filesystem. Will not descend from %{UNIXPATH} into it.`,
    JOBEND: 'Job write elapsed time = %{DATA:[bacula][job][elapsed_time]}, Transfer rate = %{NUMBER} [KMG]? Bytes/second',
    VOLUME_PREVWRITTEN: 'Volume "?%{BACULA_VOLUME:[bacula][volume][name]}"? previously written, moving to end of data.',
    READYAPPEND: `Ready to append to end of Volume ${VOLUME} size=%{INT:[bacula][volume][size]:int}`,
    CANCELLING: 'Cancelling duplicate JobId=%{INT:[bacula][job][other_id]}.',
    MARKCANCEL: 'JobId %{INT:[bacula][job][id]}, Job %{BACULA_JOB:[bacula][job][name]} marked to be canceled.',
    CLIENT_RBJ: 'shell command: run ClientRunBeforeJob "%{GREEDYDATA:[bacula][job][client_run_before_command]}"',
    DUPLICATE: 'Fatal [eE]rror: JobId %{INT:[bacula][job][other_id]} already running. Duplicate job not allowed.',
    FATAL_CONN: `Fatal [eE]rror: bsock.c:133 ${ecsConnect('Unable to')}`,
    NO_CONNECT: `Warning: bsock.c:127 ${ecsConnect('Could not')}`,
    NO_AUTH: [
      `Fatal error: Unable to authenticate with File daemon at "?${ADDRESS}(?::%{POSINT:[client][port]:int})?"?`,
      'Possible causes:',
    ].join(raw`\. `),
  }),
  BACULA_TIMESTAMP: '%{MONTHDAY}-%{MONTH}(?:-%{YEAR})? %{HOUR}:%{MINUTE}',
  BACULA_HOST: '%{HOSTNAME}',
};

export const bacula: PatternFamily = { legacy, ecs };
