import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { type Board, type Panel, readBoards } from '../../scripts/boards/grafana.ts';
import { escaped } from '../../scripts/boards/panels.ts';
import { format } from '../../scripts/boards/units.ts';
import { ROOT } from '../../scripts/stack/parts.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { createRest } from '../../src/client/rest.ts';
import { type RunningAgent, startAgent } from '../support/agent.ts';
import { type RunningCollector, startCollector } from '../support/collector.ts';
import { runProgram } from '../support/programs.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { type TemporaryDir, temporaryDir } from '../support/temporary-dir.ts';

const DASHBOARDS = join(ROOT, 'grafana/dashboards');

let collector: RunningCollector;
let prometheus: RunningPrometheus;
let agent: RunningAgent;
let dir: TemporaryDir;

before(async () => {
  dir = await temporaryDir();
  collector = await startCollector();
  prometheus = await startPrometheus(collector);
  agent = await startAgent({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
  const rest = createRest({ url: agent.url });
  for (const text of ['What is a closure?', 'Why is it?', 'Thanks, bye']) {
    await rest.conversation({ text });
    await prometheus.scraped();
  }
  // Curves end at a whole step, up to 5 s ago: the turns must be in them by then.
  await prometheus.waitForValue('count(sum(rate(voice_turn_duration_seconds_count[20s] offset 5s)) > 0)', 1);
});

after(async () => {
  for (const part of [agent, prometheus, collector, dir]) await part?.[Symbol.asyncDispose]();
});

const boards = (args: string[], env?: Record<string, string>) =>
  runProgram(process.execPath, ['scripts/boards.ts', ...args], env);

/** Draws one board of these panels, and gives its page. */
async function drawn(name: string, panels: Partial<Panel>[], more: Partial<Board> = {}, url = prometheus.url) {
  const folder = join(dir.path, name);
  mkdirSync(folder);
  const board = {
    title: name,
    panels: panels.map((panel, i) => ({ id: i + 1, gridPos: { x: 0, y: 8 * i, w: 24, h: 8 }, ...panel })),
    ...more,
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(board));
  await boards(['--prometheus', url, '--boards', folder, '--out', folder, '--range', '2m']);
  return readFileSync(join(folder, `${name}.html`), 'utf8');
}

/** A panel's part of a page. */
function part(html: string, id: number): string {
  const begin = html.indexOf(`<section id="panel-${id}"`);
  assert.ok(begin >= 0, `panel ${id} is not on the page`);
  return html.slice(begin, html.indexOf('</section>', begin));
}

/** Size and colours in use of a picture of 256 colours: a blank one has a single colour. */
function pictureOf(png: Buffer) {
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  const at = png.indexOf('IDAT');
  const lines = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), used: new Set(lines).size };
}

test('every panel of every board is on its page, with marks or with what it says when there are none', async () => {
  const out = join(dir.path, 'all');
  const all = readBoards(DASHBOARDS);
  await boards(['--prometheus', prometheus.url, '--out', out, '--range', '2m']);
  for (const board of all) {
    const html = readFileSync(join(out, `${board.name}.html`), 'utf8');
    let marked = 0;
    for (const { id, type, title, fieldConfig, datasource } of board.panels) {
      if (type === 'row') {
        assert.ok(html.includes(`>${escaped(title)}</h2>`), `the row ${title} of ${board.name}`);
        continue;
      }
      const section = part(html, id);
      assert.ok(section.includes(`<h3><span>${escaped(title)}</span>`), `${title} of ${board.name} has its title`);
      if (/<path|<rect|<strong|<td|<i style/.test(section)) marked++;
      else {
        const why = datasource?.type === 'tempo' ? 'Needs Tempo' : (fieldConfig?.defaults?.noValue ?? 'No data');
        assert.ok(
          section.includes(`<div class="empty">${escaped(why)}`),
          `${title} of ${board.name} says why it is empty`,
        );
      }
    }
    assert.ok(marked >= 3, `${board.name} has ${marked} panels with data`);
    assert.doesNotMatch(html, /<script|<link|src=|@import|url\(http/, `${board.name} needs nothing else`);
  }
});

test('what a panel shows is what Prometheus says', async () => {
  const board = JSON.parse('{"color": {"mode": "thresholds"}, "unit": "s"}');
  const html = await drawn(
    'truth',
    [
      {
        type: 'stat',
        title: 'Wait',
        targets: [{ refId: 'A', expr: 'vector(0.25)', instant: true }],
        fieldConfig: {
          defaults: {
            ...board,
            thresholds: {
              steps: [
                { value: null, color: 'green' },
                { value: 0.2, color: 'red' },
              ],
            },
          },
        },
      },
      { type: 'timeseries', title: 'Curve', targets: [{ refId: 'A', expr: 'up', legendFormat: '{{job}} is up' }] },
      {
        type: 'state-timeline',
        title: 'State',
        targets: [{ refId: 'A', expr: 'vector(1)', legendFormat: 'all' }],
        fieldConfig: {
          defaults: { mappings: [{ type: 'value', options: { '1': { text: 'Serving', color: 'green' } } }] },
        },
      },
      {
        type: 'table',
        title: 'Table',
        targets: [{ refId: 'A', expr: 'up{job="otlp"}', instant: true }],
        transformations: [{ id: 'organize', options: { excludeByName: { Value: true, __name__: true } } }],
      },
      {
        type: 'stat',
        title: 'None',
        targets: [{ refId: 'A', expr: 'nothing_of_this_name', instant: true }],
        fieldConfig: { defaults: { noValue: 'Nobody <came>' } },
      },
      {
        type: 'timeseries',
        title: 'Level',
        targets: [{ refId: 'A', expr: 'vector(1)' }],
        fieldConfig: {
          defaults: {
            unit: 's',
            thresholds: {
              steps: [
                { value: null, color: 'green' },
                { value: 0.75, color: 'red' },
              ],
            },
            custom: { thresholdsStyle: { mode: 'dashed' } },
          },
        },
      },
      ...[0.985, 0.43].map((good) => ({
        type: 'timeseries',
        title: 'Good',
        targets: [{ refId: 'A', expr: `vector(${good})` }],
        fieldConfig: { defaults: { unit: 'percentunit', max: 1, custom: { axisSoftMin: 0.95 } } },
      })),
      {
        type: 'timeseries',
        title: 'Calls',
        targets: ['success', 'error', 'error'].map((status, i) => ({
          refId: `${i}`,
          expr: 'vector(1)',
          legendFormat: `model ${i} ${status}`,
        })),
        fieldConfig: {
          defaults: {},
          overrides: [
            {
              matcher: { id: 'byRegexp', options: '/ error$/' },
              properties: [{ id: 'color', value: { mode: 'shades', fixedColor: 'red' } }],
            },
          ],
        },
      },
    ],
    { annotations: { list: [{ expr: 'label_replace(vector(1), "alertname", "Drill", "", "")', iconColor: 'red' }] } },
  );
  assert.match(part(html, 1), /color:#cf3a3a"><strong[^>]*>250 ms</, 'above its level it is red');
  assert.match(part(html, 2), /otel-collector is up <b>1<\/b>/);
  assert.match(part(html, 2), /otlp is up <b>1<\/b>/);
  assert.match(part(html, 3), /background:#15915f">Serving</);
  assert.match(part(html, 4), /<th>instance<\/th><th>job<\/th><\/tr>/);
  assert.match(part(html, 4), /<td>otlp<\/td>/);
  assert.match(part(html, 5), /Nobody &#60;came&#62;/);
  assert.match(part(html, 6), /stroke="#cf3a3a"[^>]*stroke-dasharray/, 'its level is a dashed line');
  assert.match(part(html, 6), /alert at <b>750 ms/);
  const percents = (id: number) =>
    part(html, id)
      .match(/[\d.]+(?= %<\/text>)/g)
      ?.map(Number) ?? [];
  assert.equal(Math.min(...percents(7)), 95, 'its axis begins where it is told');
  assert.equal(Math.min(...percents(8)), 40, 'or lower, at a round place');
  const colours = [...part(html, 9).matchAll(/background:#(..)(....)"><\/i>model/g)].map(([, red, rest]) => [
    red,
    rest,
  ]);
  assert.deepEqual(colours[0], ['25', '63ab'], 'what no expression matches has the palette’s');
  assert.ok(
    colours.slice(1).every(([red = '', rest = '']) => red > 'd0' && rest < 'a000'),
    `shades of red: ${colours}`,
  );
  assert.notDeepEqual(colours[1], colours[2], 'which differ');
  assert.match(html, /● Drill \d\d:\d\d–now/, 'an alert that fires is named');
});

test('what it cannot draw is an error that names the panel', async () => {
  const one = (panel: Partial<Panel>, name: string) => drawn(name, [{ id: 7, title: 'Odd', ...panel }]);
  const targets = [{ refId: 'A', expr: 'up' }];
  await assert.rejects(
    one({ type: 'piechart' }, 'kind'),
    /Panel 7 "Odd" of kind is of the kind piechart; known here are row, timeseries/,
  );
  await assert.rejects(
    one({ type: 'timeseries', targets, fieldConfig: { defaults: { unit: 'furlong' } } }, 'unit'),
    /Panel 7 "Odd" of unit: the unit furlong is not known here; known are short, s/,
  );
  await assert.rejects(
    one({ type: 'stat', targets: [{ refId: 'A', expr: 'sum(' }] }, 'query'),
    /Panel 7 "Odd" of query: Prometheus refuses sum\(: .*parse error/,
  );
  await assert.rejects(
    one({ type: 'stat', targets: [{ refId: 'A', expr: 'up{job="$nobody"}' }] }, 'variable'),
    /Panel 7 "Odd" of variable: \$nobody is no variable/,
  );
});

test('a picture shows its page', async () => {
  const pictured = await drawn('picture', [
    { type: 'timeseries', title: 'Up', targets: [{ refId: 'A', expr: 'up', legendFormat: '{{job}}' }] },
    { type: 'stat', title: 'Targets', targets: [{ refId: 'A', expr: 'count(up)', instant: true }] },
  ]);
  assert.match(part(pictured, 2), />2<\/strong>/);
  const folder = join(dir.path, 'picture');
  await boards(['--prometheus', prometheus.url, '--boards', folder, '--out', folder, '--png']);
  const { width, height, used } = pictureOf(readFileSync(join(folder, 'board-picture.png')));
  assert.deepEqual([width, height], [1360, 72 + 2 * 8 * 38 + 20], 'as high as its panels');
  assert.ok(used > 50, `it has ${used} colours`);
});

test('without Prometheus, boards, a duration or Chromium it says what to do', async () => {
  const { prometheus: free } = await freePorts();
  await assert.rejects(
    drawn(
      'nobody',
      [{ type: 'stat', title: 'x', targets: [{ refId: 'A', expr: 'up' }] }],
      {},
      `http://127.0.0.1:${free}`,
    ),
    /Prometheus cannot be reached at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*make up/,
  );
  await assert.rejects(
    drawn('agent', [{ type: 'stat', title: 'x', targets: [{ refId: 'A', expr: 'up' }] }], {}, agent.url),
    /answers 404 and not as Prometheus does/,
  );
  await assert.rejects(
    boards(['--prometheus', prometheus.url, '--boards', dir.path]),
    /holds no dashboard.*npm run generate/,
  );
  await assert.rejects(boards(['--range', 'long']), /--range long is no duration/);
  const small = ['--prometheus', prometheus.url, '--boards', join(dir.path, 'truth'), '--out', dir.path, '--png'];
  await assert.rejects(boards(small, { PATH: dir.path }), /Pictures need Chromium.*scripts\/install\/chromium\.sh/);
});

test('units are written as people read them', () => {
  const written = (unit: string, ...values: number[]) => values.map((value) => format(value, { unit }));
  assert.deepEqual(written('s', 0, 0.00052, 0.0123, 0.9999, 1.5, 90, 7200), [
    '0 s',
    '520 µs',
    '12.3 ms',
    '1 s',
    '1.5 s',
    '1.5 min',
    '2 h',
  ]);
  assert.deepEqual(written('percentunit', 0.953, 0.00051, 1), ['95.3 %', '0.051 %', '100 %']);
  assert.deepEqual(written('currencyUSD', 0, 12.5, 0.00312, -3, 1200), [
    '$0.00',
    '$12.50',
    '$0.0031',
    '−$3.00',
    '$1200',
  ]);
  assert.deepEqual(written('bytes', 512, 1536, 3 * 2 ** 20), ['512 B', '1.5 KiB', '3 MiB']);
  assert.deepEqual(written('reqps', 0.25, 1200), ['0.25 req/s', '1.2 k req/s']);
  assert.deepEqual(written('suffix:/min', 12), ['12/min']);
  assert.deepEqual(written('short', Number.NaN, Number.POSITIVE_INFINITY, 1_234_567), ['–', '∞', '1.23 M']);
});
