import { types } from 'millrace/sdk';
import type { FileConfig } from './config.ts';

const { listOf, NUMBER, OBJECT, objectOf, STRING, textOf } = types;

/** What every record of a file has, and what those of containers have besides. */
export function recordType({ file_identity: identity, multiline }: FileConfig): types.RecordType {
  const inode: Record<string, types.RecordType> = identity ? { inode: STRING, device_id: STRING } : {};
  const container: Record<string, types.RecordType> =
    multiline === undefined ? {} : { '@timestamp?': STRING, 'stream?': STRING, 'docker?': objectOf({ attrs: OBJECT }) };
  return objectOf({
    host: objectOf({ name: STRING }),
    log: objectOf({
      file: objectOf({ path: STRING, ...inode }),
      'flags?': listOf(textOf('multiline', 'truncated')),
      offset: NUMBER,
    }),
    ...container,
    message: STRING,
  });
}
