import { ProblemError } from '../../client/index.ts';

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const RELATIVE = new Intl.RelativeTimeFormat('en');
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const FULL = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** How long ago, in the largest unit of which one has passed: `2 hours ago`; `just now` below a minute, or ahead of our clock. */
export function ago(then: Date, now: Date): string {
  const seconds = (now.getTime() - then.getTime()) / 1000;
  for (const [unit, size] of UNITS) {
    if (seconds >= size) return RELATIVE.format(-Math.floor(seconds / size), unit);
  }
  return 'just now';
}

/** Date and time of day, as `Nov 25, 2026, 8:23 AM`, in the reader's time zone. */
export const fullTime = (time: Date): string => FULL.format(time);

/** The day alone, as `Nov 25, 2026`. */
export const fullDay = (time: Date): string => DAY.format(time);

/** `1 exchange`, `2,400 exchanges`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** What went wrong, in plain words with the cure. */
export function trouble(thrown: unknown): string {
  if (!(thrown instanceof ProblemError)) {
    return `The page stumbled (${thrown instanceof Error ? thrown.message : thrown}): try again, or reload it.`;
  }
  if (thrown.kind === 'disconnected') return 'The agent can’t be reached; is it running? Try again.';
  if (thrown.kind === 'unauthorized') {
    return 'The agent needs an access token, and has none of yours that it knows: reload the page to enter it.';
  }
  if (thrown.kind === 'not_found') return 'This session is gone: it was deleted before.';
  return thrown.message;
}
