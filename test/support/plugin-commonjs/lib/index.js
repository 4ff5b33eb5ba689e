// biome-ignore-all lint/style/noCommonJs: that is what this package is for.

const { defineFunction, defineProcessor } = require('millrace/sdk');
const { z } = require('zod');
const { reversed } = require('./reversed.js');

module.exports = {
  reversed: defineFunction({
    name: 'reversed',
    summary: 'A text from its end.',
    parameters: [{ name: 'text', type: 'string' }],
    returns: 'string',
    call: reversed,
  }),
  ['the step']: defineProcessor({
    kind: 'stamp',
    summary: 'Stamps a record.',
    options: z.strictObject({ with: z.string().default('ok').describe('What with.') }),
    main: 'with',
    each: (record, { with: stamp }) => record.with({ value: { ...record.value, stamp } }),
  }),
};
