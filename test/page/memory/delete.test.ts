import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../../support/wait.ts';
import { currentSession, focused, openMemory } from './support.ts';

test('a session is deleted when its loss was confirmed, and only then', async () => {
  await using memory = await openMemory({
    kept: ['What is a tree?'],
    gone: ['What is a list?', 'And a queue?'],
    newest: ['What is a map?'],
  });
  const { page, view, entries, rest } = memory;
  const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
  const ask = view.getByRole('button', { name: 'Delete…' });
  await view.getByRole('button', { name: /^What is a list/ }).click();

  for (const leave of [
    () => page.keyboard.press('Escape'),
    () => dialog.getByRole('button', { name: 'Keep it' }).click(),
  ]) {
    await ask.click();
    await focused(dialog.getByRole('button', { name: 'Keep it' }));
    assert.match(
      (await dialog.textContent()) ?? '',
      /2 exchanges will be gone for good, your words.*search will not know them.*What they cost stays counted/,
    );
    await leave();
    await dialog.waitFor({ state: 'hidden' });
    await focused(ask);
    assert.equal((await rest.history('gone')).count, 2);
  }
  const spent = (await memory.agent.json<{ costs: { month_usd: number } }>('/api/metrics')).costs.month_usd;
  assert.ok(spent > 0);

  await ask.click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await view.getByRole('status').filter({ hasText: 'The session is gone.' }).waitFor();
  assert.equal(await dialog.isVisible(), false);
  assert.equal(await view.getByText('What is a list?').count(), 0);
  assert.equal(await entries.count(), 2);
  // It stood second; so does now the one that was third.
  await focused(entries.nth(1));
  assert.match((await entries.nth(1).textContent()) ?? '', /What is a tree/);
  await assert.rejects(rest.history('gone'), { kind: 'not_found' });
  assert.equal((await rest.search('queue')).count, 0);
  assert.equal((await memory.agent.json<{ costs: { month_usd: number } }>('/api/metrics')).costs.month_usd, spent);
  assert.deepEqual(memory.open.problems(), []);
});

test('after a deletion from what was found the search is asked again', async () => {
  await using memory = await openMemory({ one: ['What is a tree?'] });
  const { page, view, field } = memory;
  await field.fill('tree');
  await view.getByRole('button', { name: /^You: What is a tree/ }).click();
  await view.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await view.getByText('Nothing was found for “tree”').waitFor();
  await focused(field);
  await view.getByText('The session is gone.').waitFor();
});

test('the session that is talked in is left when it is deleted', async () => {
  await using memory = await openMemory({ other: ['What is a tree?'] });
  const { page, view, rest } = memory;
  const before = await currentSession(page);
  await page.getByRole('button', { name: 'Talk', exact: true }).click();
  await page.getByRole('textbox', { name: 'Your words' }).fill('What is a graph?');
  await page.keyboard.press('Enter');
  await waitFor('the turn is stored', async () => ((await rest.history(before)).count === 1 ? true : undefined));
  await page.getByRole('button', { name: 'Memory', exact: true }).click();
  await view.getByRole('button', { name: /^What is a graph.*the one you are in/ }).click();
  await view.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await view.getByText('The session is gone.').waitFor();
  await page.waitForFunction((id) => ![id, null].includes(sessionStorage.getItem('session')), before);
  await page.getByRole('button', { name: 'Talk', exact: true }).click();
  assert.equal(await page.getByRole('log').getByText('What is a graph?').count(), 0);
  assert.deepEqual(memory.open.problems(), []);
});

test('one that was deleted elsewhere is gone, too', async () => {
  await using memory = await openMemory({ one: ['What is a tree?'], two: ['What is a list?'] });
  const { page, view, rest } = memory;
  await view.getByRole('button', { name: /^What is a list/ }).click();
  await view.getByRole('button', { name: 'Delete…' }).click();
  await rest.forget('two');
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await view.getByText('The session is gone.').waitFor();
  await rest.forget('one');
  await view.getByRole('button', { name: /^What is a tree/ }).click();
  await view.getByRole('alert').filter({ hasText: 'This session is gone: it was deleted before.' }).waitFor();
  assert.equal(await view.getByRole('button', { name: 'Delete…' }).count(), 0);
});
