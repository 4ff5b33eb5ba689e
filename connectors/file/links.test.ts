import { appendFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { followOnce, readOnce, settle, temporaryLog } from './recorded-follower.ts';

const temporary = temporaryLog();
const { follow } = temporary;
let log: string;

beforeEach(() => {
  log = temporary.log;
});

describe('symbolic links', () => {
  it('that are switched leave the old file read to its end and begin the new one', async () => {
    const [one, two] = ['one', 'two'].map((name) => join(temporary.directory, name)) as [string, string];
    const run = follow({ include: [log] });
    await writeFile(one, '1\n');
    await symlink(one, log);
    await run.pass();
    await appendFile(one, '2\n');
    await writeFile(two, '3\n');
    await rm(log);
    await symlink(two, log);
    await run.pass();
    await appendFile(one, '4\n');
    await appendFile(two, '5\n');
    await run.pass();
    expect(run.committed.messages.toSorted()).toEqual(['1', '2', '3', '4', '5']);
  });

  describe('that are switched while it is stopped', () => {
    let one: string;
    let options: { include: string[] };

    beforeEach(async () => {
      one = join(temporary.directory, 'one');
      options = { include: [log] };
      await writeFile(one, '1\n2\n');
      await symlink(one, log);
    });

    async function switchTo(name: string, content: string): Promise<void> {
      await writeFile(join(temporary.directory, name), content);
      await rm(log);
      await symlink(join(temporary.directory, name), log);
    }

    it.each(['followed', 'once'])('leave the old file read to its end too, %s', async (how) => {
      const committed = await followOnce(options);
      await appendFile(one, '3\n4');
      await switchTo('two', '5\n');
      if (how === 'once') {
        await readOnce(options, committed);
      } else {
        // Killed before the rest of the old file is committed, twice.
        for (const emits of [0, 1]) {
          committed.emitsLeft = emits;
          await followOnce(options, committed).catch(() => undefined);
        }
        committed.emitsLeft = Number.POSITIVE_INFINITY;
        await settle(follow(options, committed));
      }
      await readOnce(options, committed);
      expect(committed.messages.toSorted()).toEqual(['1', '2', '3', '4', '5']);
    });

    it('leave the old file alone when it holds something else by now', async () => {
      const committed = await followOnce(options);
      await writeFile(one, 'another log\n');
      await switchTo('two', '3\n');
      await settle(follow(options, committed));
      expect(committed.messages).toEqual(['1', '2', '3']);
    });
  });
});
