import { styleText } from 'node:util';
import type { Printer } from './printer.ts';

/** A line that says how things stand, below what has been said; nothing on standard output is ever mixed with it. */
export interface Status {
  /** '' takes the line away. */
  set(text: string): void;
  /** The same printer; the line gives way to what it prints, and to a reply until that is complete. */
  around(printer: Printer): Printer;
}

const ERASE = '\r\x1b[K';

/** On a terminal the line is written over; elsewhere each change is a line of its own. */
export function createStatus(out: NodeJS.WriteStream = process.stderr): Status {
  let text = '';
  let shown = '';
  let replying = false;

  function show(): void {
    if (text === '') erase();
    if (text === '' || replying || shown === text) return;
    out.write(out.isTTY ? `${ERASE}${styleText('dim', text, { stream: out })}` : `${text}\n`);
    shown = text;
  }
  function erase(): void {
    if (!out.isTTY || shown === '') return;
    out.write(ERASE);
    shown = '';
  }
  return {
    set(now) {
      text = now;
      show();
    },
    around(printer) {
      function making<A extends unknown[]>(print: (...args: A) => void, half = false) {
        return (...args: A) => {
          erase();
          print(...args);
          replying = half;
          show();
        };
      }
      const [event, part] = [making(printer.event), making(printer.event, true)];
      return {
        begin: making(printer.begin),
        event: (told) => (told.type === 'delta' || (told.type === 'speech' && replying) ? part : event)(told),
        failed: making(printer.failed),
        ended: making(printer.ended),
        note: making(printer.note),
      };
    },
  };
}
