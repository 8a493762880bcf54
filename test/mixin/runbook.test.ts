import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALERT_NAMES, CONFIG } from '../../src/mixin/config.ts';
import { asShipped } from '../../src/mixin/pace.ts';
import { rulesOf } from '../../src/mixin/rules/index.ts';
import type { AlertRule } from '../../src/mixin/rules/rule.ts';
import { runbookConsole } from '../../src/mixin/runbook.ts';

const root = join(import.meta.dirname, '../..');
const markdown = readFileSync(join(root, 'docs/runbook.md'), 'utf8');

/** Each alert's part of the runbook, by its heading. */
const parts = new Map(
  markdown
    .split(/^## /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf('\n')), part]),
);
const alerts = Object.values(rulesOf(asShipped))
  .flatMap(({ groups }) => groups)
  .flatMap(({ rules }) => rules)
  .filter((rule): rule is AlertRule => 'alert' in rule);

test('every alert has its heading, and every heading its alert', () => {
  assert.deepEqual([...parts.keys()].sort(), [...ALERT_NAMES].sort());
  assert.deepEqual([...new Set(alerts.map(({ alert }) => alert))].sort(), [...ALERT_NAMES].sort());
});

test('every part says what it means, how to confirm, what to do, when it is over and how to practise', () => {
  const wanted = ['**To a learner:**', '**Confirm:**', '**Do:**', '**Over when:**'];
  for (const [name, part] of parts) {
    const at = [...wanted, `**Practise:** \`make drill ALERT=${name}\``].map((lead) => part.indexOf(`\n${lead}`));
    assert.ok(!at.includes(-1), `${name} has all five`);
    assert.deepEqual(
      [...at].sort((a, b) => a - b),
      at,
      `${name} has them in their order`,
    );
    const [, confirm = '', doing = '', over = ''] = wanted.map((_lead, i) => part.slice(at[i], at[i + 1]));
    assert.match(confirm, /^```sh$/m, `${name} is confirmed by a command`);
    assert.match(doing, /^1\. /m, `${name} has numbered steps`);
    assert.doesNotMatch(over, /TODO/);
  }
});

test('every alert leads to its heading, and every link in the page leads somewhere', () => {
  const page = runbookConsole(markdown);
  for (const { alert, annotations } of alerts) {
    const id = alert.toLowerCase();
    assert.equal(annotations.runbook_url, `{{ $externalURL }}/consoles/runbook.html#${id}`);
    assert.equal(page.split(`<h2 id="${id}">`).length, 2, `one heading ${id}`);
    assert.ok(page.includes(`href="${annotations.dashboard_url}"`), `${alert}: its panel is a link below its heading`);
  }
  for (const [, target] of page.matchAll(/href="#([^"{]+)"/g)) assert.ok(page.includes(`id="${target}"`), target);
  for (const [, target] of markdown.matchAll(/\]\(([^)]+)\)/g))
    assert.match(target as string, /^(#|https?:)/, 'a relative link would lead nowhere from the page in Prometheus');
});

type Panel = { id?: number; title?: string; panels?: Panel[]; links?: { url: string }[] };
type Dashboard = { uid: string; panels: Panel[] };

test('every alert leads to a panel of a board, and every panel that leads to the runbook leads to an alert', () => {
  const folder = join(root, 'grafana/dashboards');
  const boards = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard);
  const panels = new Map(boards.map(({ uid, panels }) => [uid, panels.flatMap((row) => [row, ...(row.panels ?? [])])]));
  for (const { alert, annotations } of alerts) {
    const [, uid = '', id] = /\/d\/([\w-]+)\?viewPanel=(\d+)$/.exec(annotations.dashboard_url) ?? [];
    assert.ok(annotations.dashboard_url.startsWith(`${CONFIG.grafana}/d/`), annotations.dashboard_url);
    const panel = panels.get(uid)?.find((one) => `${one.id}` === id);
    assert.ok(panel?.title, `${alert}: ${annotations.dashboard_url} is a panel`);
    assert.ok(
      panel.links?.some(({ url }) => url.endsWith(`#${alert.toLowerCase()}`)),
      `${alert}: its panel "${panel.title}" links to its heading`,
    );
  }
  const ids = new Set(ALERT_NAMES.map((name) => name.toLowerCase()));
  for (const [uid, all] of panels)
    for (const { title, links = [] } of all)
      for (const { url } of links) {
        const heading = url.split('runbook}#')[1];
        if (heading !== undefined) assert.ok(ids.has(heading), `${uid}, ${title}: ${url}`);
      }
});

test('a runbook and rules that have come apart make no page', () => {
  assert.throws(() => runbookConsole(markdown.replace('## RedisDown', '## RedisGone')), /RedisGone/);
  assert.throws(() => runbookConsole(markdown.replace('## RedisDown', '### RedisDown')), /no heading "## RedisDown"/);
});
