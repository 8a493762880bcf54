import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { currentSession, focused, openMemory, tabTo } from './support.ts';

const LONG = `${'x'.repeat(300)}\nsecond line with a tree`;

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every state of the view can be used by everybody and fits a small screen, ${colorScheme}`, async () => {
    const viewport = { width: 390, height: 800 };
    await using memory = await openMemory({ past: ['What is a tree?', LONG] }, { colorScheme, viewport });
    const { page, view, field, entries } = memory;
    const check = async (state: string) => {
      assert.deepEqual(await accessibilityProblems(page), [], state);
      for (const wide of [page.locator('html'), view]) {
        const [content, room] = await wide.evaluate((node) => [node.scrollWidth, node.clientWidth]);
        assert.equal(content, room, `${state}: width`);
      }
    };
    await check('sessions');
    await field.fill('tree');
    await view.locator('mark').first().waitFor();
    await check('found');
    await entries.first().click();
    await view.locator('.found').waitFor();
    await check('session');
    await view.getByRole('button', { name: 'Delete…' }).click();
    await check('dialog');
    await page.keyboard.press('Escape');
    await view.getByRole('button', { name: 'Back to the list' }).click();
    await field.fill('nosuchword');
    await view.getByText('Nothing was found').waitFor();
    await check('nothing found');
    await memory.agent.stop();
    await field.fill('tree');
    await view.getByRole('alert').waitFor();
    await check('trouble');
  });
}

test('the keyboard alone reaches everything, and what has the focus is seen', async () => {
  await using memory = await openMemory({ kept: ['What is a list?'], past: ['What is a tree?'] });
  const { page, view, field, entries } = memory;
  const button = (name: string | RegExp) => view.getByRole('button', { name, exact: true });
  const { keyboard } = page;
  await page.getByRole('button', { name: 'Talk', exact: true }).focus();
  await tabTo(page.getByRole('button', { name: 'Memory', exact: true }));
  await keyboard.press('Space');
  await tabTo(button('Export everything as Markdown'));
  const [download] = await Promise.all([page.waitForEvent('download'), keyboard.press('Space')]);
  assert.match(download.suggestedFilename(), /\.md$/);
  await tabTo(field);
  await keyboard.type('a tree');
  await view.getByText('1 exchange found for “a tree”.').waitFor();
  await tabTo(entries);
  await keyboard.press('Enter');
  await focused(view.locator('.exchanges li.found'));
  await tabTo(button('Back to the list'), 'Shift+Tab');
  await keyboard.press('Enter');
  await focused(entries);
  await tabTo(field, 'Shift+Tab');
  await keyboard.press('Escape');
  await view.getByText('2 sessions, latest first.').waitFor();

  await tabTo(button(/^What is a tree/));
  await keyboard.press('Space');
  await view.locator('.exchanges li').waitFor();
  await focused(view.getByRole('heading', { level: 3 }));
  await tabTo(button('Export as JSON'));
  await tabTo(button('Delete…'));
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
  await focused(dialog.getByRole('button', { name: 'Keep it' }));
  await tabTo(dialog.getByRole('button', { name: 'Delete for good' }));
  await keyboard.press('Space');
  await view.getByText('The session is gone.').waitFor();
  await focused(button(/^What is a list/));
  await keyboard.press('Enter');
  await tabTo(button('Go on with this session'));
  await keyboard.press('Enter');
  await page.getByRole('log').getByText('What is a list?').waitFor();
  assert.equal(await currentSession(page), 'kept');
});
