import { batchContract } from './contract.ts';

const brokers = process.env['MILLRACE_TEST_BROKERS'] ?? '';

for (const path of ['native', 'fallback'] as const) batchContract(path, { brokers: () => brokers, embedded: false });
