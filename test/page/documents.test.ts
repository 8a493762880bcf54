import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { youngMan } from '../client/support.ts';
import { readDocument, sectionOf, tableRows } from '../support/markdown.ts';
import { hold, overAfter, startPlace, state, write } from './support.ts';

const guide = readDocument('docs/voice-page.md');
const source = join(ROOT, 'src');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n');

test('every state and every complaint that docs/voice-page.md names is one that the product says', () => {
  const said = ['What the page shows', 'When something is wrong'].flatMap((heading) =>
    tableRows(sectionOf(guide, heading)).map(([says = '']) => says),
  );
  assert.ok(said.length >= 24);
  assert.deepEqual(
    said.filter((says) => !code.includes(says)),
    [],
  );
});

test('the states of docs/voice-page.md are all that there are', () => {
  const states = [...readFileSync(join(source, 'page/status.ts'), 'utf8').matchAll(/^ {2}\w+: '(.+)',$/gm)];
  const rows = tableRows(sectionOf(guide, 'What the page shows'));
  assert.deepEqual(rows.map(([says]) => says).sort(), states.map(([, says]) => says).sort());
});

test('the page shows, sends and keeps what docs/voice-page.md says', async () => {
  await using place = await startPlace();
  await using opened = await place.open({ onDemandMicrophone: true });
  const { page } = opened;
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== place.agent.url) elsewhere.push(request.url());
  });

  const response = await page.goto(place.agent.url);
  const policy = /^```text\n(.+)\n```$/m.exec(guide)?.[1];
  assert.equal(response?.headers()['content-security-policy'], policy);

  await state(page, 'idle');
  await hold(page, await youngMan);
  await overAfter(page, 1);
  await state(page, 'idle');
  await page.locator('.figures summary').click();
  const rows = await page.locator('.waterfall th').allTextContents();
  const section = sectionOf(guide, 'What the page shows');
  const told = tableRows(section.slice(section.indexOf('| Row |'))).map(([name]) => name);
  assert.deepEqual(told.sort(), rows.sort());

  await page.locator('#talk').focus();
  await page.keyboard.down('Space');
  await state(page, 'listening');
  await page.keyboard.press('Escape');
  await page.keyboard.up('Space');
  await overAfter(page, 1);
  await page.locator('#hands-free').click();
  await page.locator('#hands-free:not([aria-busy])').waitFor();
  await page.locator('#show-memory').click();
  await page.locator('body[data-microphone=off]').waitFor();
  await page.locator('#show-talk').click();
  assert.equal(await page.locator('#hands-free').getAttribute('aria-pressed'), 'false');
  await write(page, 'What is a closure?');
  await overAfter(page, 2);

  const kept = await page.evaluate(() => ({
    session: Object.keys(sessionStorage),
    local: Object.keys(localStorage),
    cookies: document.cookie,
  }));
  assert.deepEqual(kept, { session: ['session'], local: [], cookies: '' });
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(opened.problems(), []);
});
