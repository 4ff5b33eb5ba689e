/** The servers of a cluster, in the order in which they start. */
export const SERVER_NAMES = ['zookeeper', 'kafka-1', 'kafka-2', 'kafka-3', 'elasticsearch'] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** How to start one kind of server and how to see that it serves. */
export interface ServerDefinition {
  readonly name: ServerName;
  readonly port: number;
  /** Writes the server's settings, waits for what it needs, and says how to start it. */
  prepare(report: (line: string) => void): Promise<Command>;
  /** Settles when the server answers as a healthy one does; rejects with what is still missing. */
  check(): Promise<void>;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}
