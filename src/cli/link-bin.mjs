// npm links the programs of dependencies into node_modules/.bin, but not those of the project itself. With this link, which
// `prepare` makes, `npx millrace` in a checkout runs the checkout; without it npx would look for a package of that name.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('bin.cjs', import.meta.url));
const link = fileURLToPath(new URL('../../node_modules/.bin/millrace', import.meta.url));

// In a package that was installed there is no such folder, and there npm has made the link itself.
if (process.platform !== 'win32' && existsSync(join(dirname(link), '..'))) {
  mkdirSync(dirname(link), { recursive: true });
  chmodSync(program, 0o755);
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), program), link);
}
