import { defineFunction } from 'millrace/sdk';

export const two = defineFunction({ name: 'two', summary: 'Two.', parameters: [{ name: 'n', type: 'integer' }], returns: 'number', call: (n) => n });
