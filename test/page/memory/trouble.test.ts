import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAgent } from '../../support/agent.ts';
import { focused, openMemory } from './support.ts';

const UNREACHABLE = 'The agent can’t be reached; is it running? Try again.';

test('an agent that is not there is told, with a way to try again', async () => {
  await using memory = await openMemory({ past: ['What is a tree?', 'What is a list?'] });
  const { page, view, agent, field } = memory;
  const again = view.getByRole('button', { name: 'Try again' });
  const told = view.getByRole('alert').filter({ hasText: UNREACHABLE });
  const entry = view.getByRole('button', { name: /^What is a tree/ });
  await entry.click();
  await view.getByRole('button', { name: 'Delete…' }).click();
  await agent.stop();

  const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await dialog.getByRole('alert').filter({ hasText: UNREACHABLE }).waitFor();
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await view.getByRole('button', { name: 'Export as JSON' }).click();
  await view.getByRole('status').filter({ hasText: UNREACHABLE }).waitFor();
  await view.getByRole('button', { name: 'Back to the list' }).click();

  await entry.click();
  await told.waitFor();
  await view.getByRole('button', { name: 'Back to the list' }).click();
  await field.fill('tree');
  await told.waitFor();
  assert.equal(await view.locator('[aria-busy]').count(), 0);
  await again.click();
  await told.waitFor();

  await using _back = await startAgent({ ports: agent.ports, dir: agent.dir });
  await again.click();
  await view.getByText(/exchanges? found for “tree”/).waitFor();
  assert.equal(await told.count(), 0);
  await focused(view.locator('.overview .pane'));
});
