import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeOnCluster, testCluster } from '../../support/cluster.ts';

const MAIN = fileURLToPath(new URL('../../../dist/src/testing/cluster/main.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm run cluster -- ...` on the cluster of this run, as it was last built. */
async function cluster(...args: string[]): Promise<Ended> {
  const { directory } = testCluster();
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args, '--dir', directory]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as Ended;
  }
}

describeOnCluster('npm run cluster', () => {
  it('is built', () => {
    expect(existsSync(MAIN), 'npm run build makes it').toBe(true);
  });

  it('shows a line for each server, with the ports it remembers', async () => {
    const { code, stdout } = await cluster('status');
    expect(code).toBe(0);
    const [heading, ...lines] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^server +pid +port +health$/);
    const statuses = await testCluster().status();
    expect(lines.map((line) => line.split(/ +/))).toEqual(
      statuses.map(({ name, pid, port }) => [name, String(pid), String(port), 'healthy']),
    );
  });

  it('is harmless where all runs, and says where it is', async () => {
    const { code, stdout } = await cluster('up');
    expect(code).toBe(0);
    expect(stdout).toContain('kafka-2: already running\n');
    expect(stdout).toContain(`Kafka          ${testCluster().brokers}\n`);
  });

  it('shows the end of a log', async () => {
    const { code, stdout } = await cluster('logs', 'elasticsearch', '--lines', '5000');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\[millrace-1\].* started/);
  });

  it.each([
    [['restart'], 'there is no command "restart"'],
    [['logs', 'kafka-4'], 'there is no server "kafka-4"; the servers are zookeeper, kafka-1, kafka-2, kafka-3, elasticsearch'],
    [['up', '--only', 'splunk'], '--only takes kafka or elasticsearch, not "splunk"'],
    [['up', '--port', '1'], "Unknown option '--port'"],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await cluster(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('says which ports it cannot read', async () => {
    const { code, stderr } = await cluster('status', '--ports', 'kafka=x');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error CLUSTER_PORTS: .*"x" is no port from 1 to 65533/);
  });
});
