import { createKafka, type KafkaOptions } from '../kafka/index.ts';
import { securityProperties } from '../kafka/security.ts';
import type { Kafka, KafkaAdmin } from '../kafka/types.ts';
import { systemClock } from '../sdk/clock.ts';
import type { Logger } from '../sdk/logger.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Settings } from '../topology/settings.ts';
import { loadSettingsOf, type SettingsOptions } from './context.ts';
import { Exit, ExitError } from './exit.ts';

/** The log of a command: to standard error, as text on a terminal. */
export function loggerFor(settings: Settings, write: (line: string) => void = (line) => process.stderr.write(line)): Logger {
  const { level, format } = settings.log;
  const chosen = format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : format;
  return createLogger({ level, format: chosen, write, now: () => systemClock.now() });
}

/** Clients of the cluster that the settings name. */
export function kafkaFor(settings: Settings, log: Logger, brokers = settings.kafka.brokers): Kafka {
  const options: KafkaOptions = { batches: settings.kafka.batches, log, clock: systemClock };
  const { security, options: properties } = settings.kafka;
  return createKafka({ brokers, clientId: 'millrace', options: { ...properties, ...securityProperties(security) } }, options);
}

/** A cluster for commands that look at it and end. */
export interface Cluster {
  readonly settings: Settings;
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly log: Logger;
}

/** The cluster that the settings name. The embedded broker lives only as long as a run, so there is nothing in it to look at. */
export function clusterFor(options: SettingsOptions): Cluster {
  const settings = loadSettingsOf(options);
  if (settings.kafka.mode === 'embedded') {
    throw new ExitError(
      Exit.usage,
      'the embedded broker ends with its run: there is nothing to look at; choose another --profile',
    );
  }
  // Such a command ends with one clear error; what the client says on the way there would only repeat it.
  const log = loggerFor({ ...settings, log: { level: 'error', format: 'text' } });
  const kafka = kafkaFor(settings, log);
  return { settings, kafka, admin: kafka.admin(), log };
}
