/** `$0.003039`: a turn costs fractions of a cent. */
export function dollars(usd: number): string {
  return `$${usd < 1 ? usd.toFixed(6) : usd.toFixed(2)}`;
}
