/** How clients prove who they are and whom they talk to: the `security` part of Kafka's settings. */
export interface KafkaSecurity {
  readonly protocol: 'plaintext' | 'ssl' | 'sasl_plaintext' | 'sasl_ssl';
  /** Path of a PEM file, or the PEM text itself; so are `certificate` and `key`. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly keyPassword?: string;
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username?: string;
  readonly password?: string;
}

/** librdkafka's properties for `security`. Certificates and host names are always verified. */
export function securityProperties(security: KafkaSecurity): Record<string, string> {
  const properties: Record<string, string> = { 'security.protocol': security.protocol };
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) properties[name] = value;
  };
  const addPem = (name: string, value: string | undefined): void => {
    if (value !== undefined) add(`${name}.${value.includes('-----BEGIN') ? 'pem' : 'location'}`, value);
  };
  addPem('ssl.ca', security.ca);
  addPem('ssl.certificate', security.certificate);
  addPem('ssl.key', security.key);
  add('ssl.key.password', security.keyPassword);
  add('sasl.mechanisms', security.mechanism);
  add('sasl.username', security.username);
  add('sasl.password', security.password);
  return properties;
}
