/** The size of an amount, as shops speak of it. */
export function sizeOf(amount, large) {
  if (amount < large / 10) return 'small';
  return amount < large ? 'medium' : 'large';
}
