import { defineProcessor } from 'millrace/sdk';

export const nameless = defineProcessor({ kind: 'Bot Score', summary: 'A processor.' });
