'use strict';

// Node's own `import`, also where a test runner puts one of its own in its place: plugins are loaded as Node loads them.
module.exports = (address) => import(address);
