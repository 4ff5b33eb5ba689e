/** How a customer's day goes. */
interface Rhythm {
  /** How likely a transaction is in each hour of local time, beside the likeliest. */
  readonly hours: readonly number[];
  /** Between which hours most transactions are. */
  readonly from: number;
  readonly to: number;
}

const EARLY: Rhythm = {
  hours: [
    0.02, 0.02, 0.02, 0.04, 0.1, 0.3, 0.6, 0.9, 1, 0.9, 0.8, 0.8, 1, 0.8, 0.7, 0.7, 0.8, 0.8, 0.6, 0.4, 0.25, 0.1, 0.05, 0.03,
  ],
  from: 6,
  to: 19,
};
const REGULAR: Rhythm = {
  hours: [
    0.05, 0.03, 0.02, 0.02, 0.03, 0.06, 0.2, 0.5, 0.6, 0.6, 0.7, 0.8, 1, 0.9, 0.7, 0.7, 0.8, 1, 1, 0.9, 0.7, 0.5, 0.3, 0.12,
  ],
  from: 8,
  to: 22,
};
const LATE: Rhythm = {
  hours: [0.4, 0.25, 0.15, 0.08, 0.05, 0.03, 0.04, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.8, 0.7, 0.7, 0.8, 0.9, 1, 1, 1, 0.9, 0.8, 0.6],
  from: 11,
  to: 24,
};

export const RHYTHMS: readonly Rhythm[] = [EARLY, REGULAR, REGULAR, LATE];
