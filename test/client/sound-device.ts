/**
 * Stands in for `arecord` and `aplay` where there is no sound card: `sound-device.ts arecord|aplay PORT` gives what the
 * test's sound card says, or gives it what is to be played, and lives until that has been heard.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

const [program = '', port] = process.argv.slice(2);
// NOTE: as arecord does, which ends its recording in order.
if (program === 'arecord') process.on('SIGINT', () => process.exit(0));
const sound = program === 'aplay' ? await buffer(process.stdin) : Buffer.alloc(0);
const card = connect(Number(port), '127.0.0.1');
await once(card, 'connect');
const header = Buffer.from(`${program.padEnd(8)}`);
card.write(Buffer.concat([header, lengthOf(sound), sound]));
if (program === 'arecord') card.pipe(process.stdout);
else card.resume();
await once(card, 'close');

function lengthOf({ length }: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}
