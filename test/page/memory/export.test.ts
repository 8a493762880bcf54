import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { openMemory } from './support.ts';

/** Presses the button and reads the file that the browser saves. */
async function saved(button: Locator): Promise<{ name: string; content: string }> {
  const [download] = await Promise.all([button.page().waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), content: await text(await download.createReadStream()) };
}

type Notebook = { sessions: { session_id: string; exchanges: { user_text: string; agent_text: string }[] }[] };

test('a session and everything are saved as JSON and as Markdown', async () => {
  await using memory = await openMemory({ a: ['What is a tree?', 'Is “é” a *letter*?'], b: ['What is a list?'] });
  const { view, rest } = memory;
  const said = async (id: string) =>
    (await rest.history(id)).history.map(({ user_text, agent_text }) => ({ user_text, agent_text }));
  const notebook = (content: string) =>
    (JSON.parse(content) as Notebook).sessions.map(({ session_id: id, exchanges }) => [
      id,
      exchanges.map(({ user_text, agent_text }) => ({ user_text, agent_text })),
    ]);
  const button = (name: string) => view.getByRole('button', { name, exact: true });

  const all = await saved(button('Export everything as JSON'));
  assert.match(all.name, /^learning-\d{4}-\d\d-\d\d\.json$/);
  assert.deepEqual(notebook(all.content), [
    ['a', await said('a')],
    ['b', await said('b')],
  ]);
  await view
    .getByRole('status')
    .filter({ hasText: `Saved as ${all.name}.` })
    .waitFor();
  const allNotes = await saved(button('Export everything as Markdown'));
  assert.match(allNotes.name, /\.md$/);
  assert.match(allNotes.content, /What is a tree\?[\s\S]*What is a list\?/);

  await view.getByRole('button', { name: /^What is a tree/ }).click();
  const one = await saved(button('Export as JSON'));
  assert.deepEqual(notebook(one.content), [['a', await said('a')]]);
  const notes = await saved(button('Export as Markdown'));
  assert.match(notes.content, /What is a tree\?/);
  assert.doesNotMatch(notes.content, /What is a list/);
  assert.deepEqual(memory.open.problems(), []);
});

test('an export from a protected agent carries the token', async () => {
  const token = 'a-token-of-the-learner';
  await using memory = await openMemory({ a: ['What is a tree?'] }, { token });
  const { content } = await saved(memory.view.getByRole('button', { name: 'Export everything as JSON' }));
  assert.equal((JSON.parse(content) as Notebook).sessions.length, 1);
  assert.deepEqual(memory.open.problems(), []);
});
