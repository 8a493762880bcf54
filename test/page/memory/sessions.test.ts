import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentSession, focused, openMemory } from './support.ts';

test('past sessions are listed, latest first, and each opens whole', async () => {
  await using memory = await openMemory({ older: ['What is a list?', 'And a queue?'], newer: ['What is a tree?'] });
  const { page, view, entries } = memory;
  const [newer, older] = await entries.allInnerTexts();
  assert.match(newer ?? '', /^What is a tree\?\njust now \(\w{3} \d+, \d{4}, \d+:\d\d\s[AP]M\) · 1 exchange · open$/);
  assert.match(older ?? '', /^What is a list\?\njust now \(.*\) · 2 exchanges · open$/);
  await view.getByRole('status').filter({ hasText: '2 sessions, latest first.' }).waitFor();
  const times = await entries
    .locator('time')
    .evaluateAll((found) => found.map((time) => time.getAttribute('datetime')));
  const { sessions } = await memory.rest.sessions();
  assert.deepEqual(
    times,
    sessions.map(({ last_activity: at }) => at),
  );

  const entry = view.getByRole('button', { name: /^What is a list/ });
  await entry.click();
  await focused(view.getByRole('heading', { level: 3, name: 'What is a list?' }));
  const exchanges = view.locator('.exchanges li');
  await exchanges.first().waitFor();
  const { history } = await memory.rest.history('older');
  assert.deepEqual(
    await exchanges.locator('p:not(.facts)').allInnerTexts(),
    history.flatMap(({ user_text: you, agent_text: agent }) => [`You: ${you}`, `Companion: ${agent}`]),
  );
  assert.equal(await entries.first().isVisible(), false);
  await view.getByRole('button', { name: 'Back to the list' }).click();
  await focused(entry);
  assert.equal(await exchanges.count(), 0);

  await memory.rest.conversation({ text: 'What is a map?' }, { sessionId: 'newest' });
  await page.getByRole('button', { name: 'Talk', exact: true }).click();
  await page.getByRole('button', { name: 'Memory', exact: true }).click();
  await view.getByRole('button', { name: /^What is a map/ }).waitFor();
  assert.deepEqual(memory.open.problems(), []);
});

test('more sessions are shown when asked for, and long lists say that they end', async () => {
  const past = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`s${index}`, ['Hello']]));
  await using memory = await openMemory(past);
  const { view, entries, rest } = memory;
  await view.getByText('The latest 20 sessions.', { exact: true }).waitFor();
  assert.equal(await entries.count(), 20);
  await view.getByRole('button', { name: 'Show more sessions' }).click();
  await view.getByText(/^The latest 100 sessions\. Older ones, if there are any, turn up in the search/).waitFor();
  assert.equal(await entries.count(), 100);
  await focused(entries.nth(20));
  assert.equal(await view.getByRole('button', { name: 'Show more sessions' }).count(), 0);

  const sessionId = 'long';
  for (let turn = 0; turn < 101; turn++) await rest.conversation({ text: `Turn ${turn}` }, { sessionId });
  await memory.page.getByRole('button', { name: 'Memory', exact: true }).click();
  await view.getByRole('button', { name: /^Turn 0/ }).click();
  await view.getByText('The latest 100 of 101 exchanges; the export has them all.').waitFor();
  assert.equal(await view.locator('.exchanges li').count(), 100);

  await view.getByRole('button', { name: 'Back to the list' }).click();
  await memory.field.fill('Turn 0');
  await view.getByRole('button', { name: /^You: Turn 0 / }).click();
  await view.getByText('The latest 100 exchanges; older ones, if there are any, are in the export.').waitFor();
  await view.getByText('What was found is older than these.').waitFor();
  await view.getByRole('button', { name: 'Delete…' }).click();
  await memory.page.getByText('All its exchanges will be gone for good').waitFor();
  assert.deepEqual(memory.open.problems(), []);
});

test('a past session is taken up again', async () => {
  await using memory = await openMemory({ past: ['What is a tree?'] });
  const { page, view } = memory;
  await view.getByRole('button', { name: /^What is a tree/ }).click();
  await view.getByRole('button', { name: 'Go on with this session' }).click();
  await page.getByRole('log').getByText('What is a tree?').waitFor();
  assert.equal(await view.isVisible(), false);
  assert.equal(await currentSession(page), 'past');
  await page.getByRole('button', { name: 'Memory', exact: true }).click();
  await view.getByRole('button', { name: /^What is a tree.*the one you are in/ }).waitFor();
  assert.deepEqual(memory.open.problems(), []);
});
