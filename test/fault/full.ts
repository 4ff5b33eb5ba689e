/** Whether to run the full counts and times (`npm run test:fault`) in place of the reduced ones of CI. */
export const FULL = process.env['MILLRACE_FAULT_FULL'] === '1';
