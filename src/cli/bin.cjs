#!/usr/bin/env node
'use strict';

// libuv reads UV_THREADPOOL_SIZE once, when its pool is first used. Every read and commit that waits on Kafka holds a
// thread of that pool, so it must be larger than the default of 4 before anything else is loaded: hence CommonJS, whose
// loader does not use the pool.
process.env.UV_THREADPOOL_SIZE ??= '64';

// Commands that end by themselves are over before optimised code has earned what it costs: V8 is to make it of a function after 60
// times as much work as is its default. `millrace test` takes a third less of the processor by it.
const LONG_RUNNING = ['run', 'quickstart'];
if (LONG_RUNNING.includes(process.argv[2])) require('./long-running.cjs');
else require('node:v8').setFlagsFromString('--interrupt-budget=4000000');

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const main = join(__dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');
if (existsSync(main)) {
  import(pathToFileURL(main).href).catch((error) => {
    process.stderr.write(`millrace: loading ${main}: ${error.message}\n`);
    process.exitCode = 3;
  });
} else {
  process.stderr.write('millrace is not built here: run `npm run build` first\n');
  process.exitCode = 2;
}
