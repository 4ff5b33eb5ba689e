/** How long a task waits for records, in ms, before it looks at what else there is to do. */
export const READ_WAIT_MS = 200;
/** One read: large enough to cost little, small enough that what steps make of it, which may be some times larger, is soon bounded. */
export const READ_BYTES = 1_000_000;
