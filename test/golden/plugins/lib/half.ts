export function half(amount: number): number {
  return amount / 2;
}
