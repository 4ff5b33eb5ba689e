// How Node loads the modules of plugins (`module.register`). It is JavaScript, because Node loads it by itself, in a thread of
// its own, also where the tests run the source.
//
// A module belongs to a plugin if its address has the parameter `millrace`, which its imports inherit. The value is the number of
// the load, so that a plugin which has been edited is another module.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const SDK = 'millrace/sdk';
const SDK_ADDRESS = 'millrace:sdk';
const LOADS = 'millrace-plugin:';
/** Packages that a plugin shares with Millrace, be there another copy beside it or none. */
const SHARED = /^(rxjs|zod)(\/|$)/;
const TYPESCRIPT = /\.m?ts$/;
const JAVASCRIPT = /\.m?js$/;

let given;

/** `data`: the names that `millrace/sdk` exports, and where the files of plugins are told. */
export function initialize(data) {
  given = data;
}

export async function resolve(specifier, context, nextResolve) {
  if (specifier === SDK) return { url: SDK_ADDRESS, shortCircuit: true };
  if (specifier.startsWith(LOADS)) return entry(new URL(specifier).searchParams, context, nextResolve);
  const load = loadOf(context.parentURL);
  if (load === undefined) return nextResolve(specifier, context);
  if (SHARED.test(specifier)) return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  const resolved = await resolveSource(specifier, context, nextResolve);
  return isPath(specifier) ? withLoad(resolved, load) : resolved;
}

export async function load(url, context, nextLoad) {
  if (url === SDK_ADDRESS) return { format: 'module', source: sdkSource(), shortCircuit: true };
  if (loadOf(url) === undefined) return nextLoad(url, context);
  const file = fileURLToPath(url);
  given.port.postMessage({ load: loadOf(url), file });
  if (TYPESCRIPT.test(file))
    return { format: 'module', source: await strip(await readFile(file, 'utf8'), file), shortCircuit: true };
  // What is no package's is an ES module, whatever package.json is above it.
  const isOwn = JAVASCRIPT.test(file) && !file.includes('/node_modules/');
  return isOwn ? { format: 'module', source: await readFile(file), shortCircuit: true } : nextLoad(url, context);
}

/** The entry of a plugin: what a pipeline file names, as if it were imported by that. */
async function entry(parameters, context, nextResolve) {
  const load = parameters.get('load');
  const resolved = await nextResolve(parameters.get('name'), { ...context, parentURL: parameters.get('from') });
  return withLoad(resolved, load);
}

/** TypeScript is imported by the name of its JavaScript too, as `tsc` wants it. */
async function resolveSource(specifier, context, nextResolve) {
  const source = specifier.replace(/\.(m?)js$/, '.$1ts');
  if (!isPath(specifier) || source === specifier) return nextResolve(specifier, context);
  const isThere = (path) => existsSync(new URL(path, context.parentURL));
  return nextResolve(!isThere(specifier) && isThere(source) ? source : specifier, context);
}

/** Types become blanks, so that lines and columns stay those of the file. */
async function strip(source, file) {
  const { transform } = await import('@swc/wasm-typescript');
  try {
    const { code } = await transform(source, { mode: 'strip-only', module: true, filename: file });
    return code;
  } catch (error) {
    const { startLine, startColumn, code, message } = error;
    if (startLine === undefined) throw error;
    const hint =
      code === 'UnsupportedSyntax'
        ? '; types are only left out, so what makes code of them (enums, namespaces) is not known'
        : '';
    throw new SyntaxError(`${file}:${startLine}:${startColumn + 1}: ${message}${hint}`);
  }
}

/** The SDK of the Millrace that runs, as a module: there is one of it. */
function sdkSource() {
  const names = given.names.map((name) => `export const ${name} = sdk.${name};`);
  return [`const sdk = globalThis[Symbol.for('${SDK}')];`, ...names].join('\n');
}

function isPath(specifier) {
  return /^(\.{0,2}\/|file:)/.test(specifier);
}

function loadOf(url) {
  return url?.startsWith('file:') ? (new URL(url).searchParams.get('millrace') ?? undefined) : undefined;
}

function withLoad({ url, ...resolved }, load) {
  if (!url.startsWith('file:')) return { url, ...resolved };
  const address = new URL(url);
  address.searchParams.set('millrace', load);
  return { url: address.href, ...resolved };
}
