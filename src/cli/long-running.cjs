'use strict';

// V8 gives new objects 2 MB, and twice as much whenever that many have survived, to 32 MB at most; and it takes them back from a process
// that has had nothing to do. A process that ships some thousand records a second would come back to its 32 MB over minutes,
// which looks like a leak. It is to go there in one step.
require('node:v8').setFlagsFromString('--semi-space-growth-factor=16');
