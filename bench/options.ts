/** A number of the command line. One that is none, or not above 0, ends the process with status 2. */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  process.stderr.write(`--${name} ${text}: give a number above 0\n`);
  process.exit(2);
}
