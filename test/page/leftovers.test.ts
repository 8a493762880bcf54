import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openBrowser } from '../support/browser.ts';
import { joined } from '../support/microphone.ts';
import { waitFor } from '../support/wait.ts';
import { site } from './blank-site.ts';

type Process = { pid: string; parent: number; args: string[]; home: string };

/**
 * What runs on this machine. NOTE: one that has ended and that nobody has asked about has no arguments and no environment
 * any more, and Chromium's helpers write over the latter.
 */
function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
      try {
        const parent = Number(/^PPid:\s*(\d+)/m.exec(read('status'))?.[1]);
        const home = /(?:^|\0)HOME=([^\0]*)/.exec(read('environ'))?.[1] ?? '';
        return [{ pid, parent, args: read('cmdline').split('\0'), home }];
      } catch {
        return [];
      }
    });
}

test('nothing of a browser stays, neither after a failure', async () => {
  let home = '';
  let folders: string[] = [];
  const ours = () =>
    processes().filter((one) => one.home === home || folders.some((path) => one.args.join(' ').includes(path)));
  let count = 0;
  await assert.rejects(async () => {
    await using server = await site();
    await using browser = await openBrowser({ microphone: joined([{ silence: 1 }]) });
    await using open = await browser.open(server.url);
    const named = /^--(?:user-data-dir|use-file-for-fake-audio-capture)=([^%]*)/;
    const main = processes().find(({ parent, args }) => parent === process.pid && args.some((arg) => named.test(arg)));
    assert.ok(main, 'the browser runs below this process');
    home = main.home;
    folders = main.args.flatMap((arg) => named.exec(arg)?.[1] ?? []);
    count = ours().length;
    await open.page.evaluate(() => {
      throw new Error('the test failed');
    });
  }, /the test failed/);
  assert.ok(home.includes('learning-voice-agent-') && count > 5, `${count} processes are of ${home}`);
  assert.equal(folders.length, 2, `${folders}`);
  for (const path of [home, ...folders]) assert.ok(!existsSync(path), `${path} stays`);
  await waitFor('its processes are gone', async () => (ours().length > 0 ? undefined : true));
});
