import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/parts.ts';
import { idOf, variable } from '../../src/mixin/boards/board.ts';
import { expand } from '../../src/mixin/boards/expand.ts';
import { boardFiles, boards, panelOf } from '../../src/mixin/boards/index.ts';
import { ALERT_NAMES, type AlertName, CONFIG } from '../../src/mixin/config.ts';
import { type PanelJson, panelsOf, shippedBoards, shippedQueries } from './shipped-boards.ts';

const shipped = shippedBoards();
const everyPanel = shipped.flatMap((board) => panelsOf(board).map((panel) => ({ board, panel })));

test('what is shipped is what the mixin generates', async () => {
  for (const [file, text] of Object.entries(boardFiles()))
    assert.equal(await readFile(join(ROOT, 'grafana/dashboards', file), 'utf8'), text, `${file}: npm run generate`);
  assert.equal(shipped.length, boards.length);
});

test('uids and titles are unique, and ids within a board', () => {
  assert.equal(new Set(shipped.map(({ uid }) => uid)).size, 5);
  assert.equal(new Set(shipped.map(({ title }) => title)).size, 5);
  for (const { uid, panels } of shipped) {
    const ids = panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, `${uid} has an id twice`);
    assert.ok(ids.every((id) => Number.isInteger(id) && id > 0));
  }
});

test('every panel has a unit, help, and a word for emptiness', () => {
  for (const { board, panel } of everyPanel) {
    const at = `${board.uid}, ${panel.title}`;
    const { unit, noValue } = panel.fieldConfig.defaults;
    assert.ok(unit, `${at}: no unit`);
    assert.ok(noValue, `${at}: no noValue`);
    assert.ok(panel.description && panel.description.length > 30, `${at}: no help`);
  }
});

test('no panel covers another or leaves the grid', () => {
  for (const { uid, panels } of shipped) {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, `${uid}, ${title} leaves the grid`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.equal(taken.get(`${x} ${y}`), undefined, `${uid}: ${title} covers ${taken.get(`${x} ${y}`)}`);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
    const lines = Map.groupBy(panels, ({ gridPos }) => gridPos.y);
    for (const [y, line] of lines)
      assert.equal(
        line.reduce((sum, { gridPos }) => sum + gridPos.w, 0),
        24,
        `${uid} has a gap at ${y}`,
      );
  }
});

test('every data source is a variable, in use', () => {
  for (const { board, panel } of everyPanel) {
    const uids = [panel.datasource?.uid, ...(panel.targets ?? []).map(({ datasource }) => datasource.uid)];
    const wanted = panel.datasource?.type === 'tempo' ? variable('traces') : variable('datasource');
    assert.ok(panel.targets?.length, `${board.uid}, ${panel.title} asks nothing`);
    assert.deepEqual(new Set(uids), new Set([wanted]), `${board.uid}, ${panel.title}`);
  }
  assert.doesNotMatch(JSON.stringify(shipped), /"uid":"(?!\$\{|lva-)/);
});

test('“All” holds what comes later', () => {
  for (const { uid, templating } of shipped) {
    const named = Object.fromEntries(templating.list.map((variable) => [variable.name, variable]));
    assert.deepEqual(Object.keys(named), ['datasource', 'job', 'instance', 'traces', 'runbook'], uid);
    for (const name of ['job', 'instance']) {
      const { includeAll, multi, allValue } = named[name] as (typeof templating.list)[number];
      assert.deepEqual([includeAll, multi, allValue], [true, true, '.*'], `${uid} $${name}`);
    }
  }
});

/** Every selector of an expression, as it is written. */
function selectorsIn(expr: string): string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, to }) {
      if (name === 'VectorSelector') found.push(expr.slice(from, to));
    },
  });
  return found;
}

test('what others have in the same Prometheus does not show', () => {
  const picked = /\bjob=~"\$job", instance=~"\$instance"/;
  // By what each kind of series is told from others' of its name; rules record by job, without instances.
  const scopes: [RegExp, RegExp][] = [
    [/^ALERTS\{/, /\bservice="learning_voice_agent"/],
    [/^(up|scrape_\w+)\{/, /\bjob=(~"otlp\|otel-collector"|"otel-collector")/],
    [/^otelcol_/, /\bjob="otel-collector"/],
    [/^\w+:/, /\bjob=~"\$job"/],
    [/^/, picked],
  ];
  const asked = shippedQueries().map(({ board, panel, expr }) => ({ at: `${board}, ${panel}`, expr }));
  for (const { uid, annotations } of shipped)
    asked.push(...annotations.list.map(({ expr }) => ({ at: `${uid}, annotations`, expr })));
  const used = new Set<RegExp>();
  for (const { at, expr } of asked) {
    const selectors = selectorsIn(expand(expr, { interval: '1m', job: '$job', instance: '$instance' }));
    assert.ok(selectors.length > 0, `${at} selects nothing`);
    for (const selector of selectors) {
      const [kind, scope] = scopes.find(([names]) => names.test(selector)) as [RegExp, RegExp];
      used.add(kind);
      assert.match(selector, scope, at);
    }
  }
  assert.equal(used.size, scopes.length);
});

test('a viewer can say where the runbook is', () => {
  for (const { uid, templating } of shipped) {
    const { type, query, hide, current } = templating.list.find(({ name }) => name === 'runbook') ?? {};
    assert.deepEqual([type, hide ?? 0, current?.value], ['textbox', 0, query], uid);
    assert.match(`${query}`, /^http.*\/consoles\/runbook\.html$/);
  }
});

test('missing the objective by half is seen', () => {
  const { defaults } = panelWith('lva-overview', idOf('slo-good')).fieldConfig;
  const { axisSoftMin = 0 } = defaults.custom ?? {};
  const budget = 1 - CONFIG.slo.objective;
  assert.ok(axisSoftMin < CONFIG.slo.objective - budget / 2, `${axisSoftMin} hides it`);
  assert.ok(budget / 2 / (1 - axisSoftMin) >= 0.1, `from ${axisSoftMin} on it is less than a tenth of the height`);
});

test('boards find each other, are read-only, show alerts, and name their source', () => {
  for (const { uid, editable, links, annotations, tags, description } of shipped) {
    assert.equal(editable, false, uid);
    const [others] = links;
    assert.deepEqual([others?.type, others?.tags], ['dashboards', tags]);
    assert.match(description, /npm run generate/);
    const expressions = annotations.list.map(({ expr }) => expr);
    assert.ok(expressions.every((expr) => expr.includes('ALERTS{alertstate="firing"')));
    const severities = new Set(ALERT_NAMES.map((name) => CONFIG.alerts[name].severity));
    for (const severity of severities) assert.ok(expressions.some((expr) => expr.includes(`severity="${severity}"`)));
    // With a placement Grafana hides them in a menu.
    assert.ok([...links, ...annotations.list].every((one) => one.placement === undefined));
  }
});

const panelWith = (uid: string, id: number): PanelJson => {
  const found = everyPanel.find(({ board, panel }) => board.uid === uid && panel.id === id);
  assert.ok(found, `${uid} has no panel ${id}`);
  return found.panel;
};

test('every alert has a panel, which links to its runbook', () => {
  for (const name of ALERT_NAMES) {
    const { uid, id } = panelOf(name);
    const urls = panelWith(uid, id).links?.map(({ url }) => url);
    assert.ok(urls?.includes(`\${runbook}#${name.toLowerCase()}`), `${name}: ${urls}`);
  }
});

/** The levels that config.ts gives an alert: where its colour starts, or ends. */
const levels = (name: AlertName) => {
  if (name === 'VoiceTurnBudgetBurn')
    return CONFIG.slo.burn.map(({ factor, severity }) => ({ value: factor, severity, below: false }));
  const { severity, ...rest } = CONFIG.alerts[name] as {
    severity: string;
    above?: number;
    from?: number;
    below?: number;
  };
  const value = rest.above ?? rest.from ?? rest.below;
  return value === undefined ? [] : [{ value, severity, below: rest.below !== undefined }];
};

test('lines and colours are the alerts’ own thresholds', () => {
  const colours = { critical: 'red', warning: 'orange' } as Record<string, string>;
  let seen = 0;
  for (const { uid, rows } of boards) {
    for (const { key, alerts = [] } of rows.flatMap(({ panels }) => panels)) {
      const { steps } = panelWith(uid, idOf(key)).fieldConfig.defaults.thresholds;
      assert.equal(steps[0]?.value, null);
      for (const { value, severity, below } of alerts.flatMap(levels)) {
        const at = steps.findIndex((step) => step.value === value);
        assert.ok(at > 0, `${uid} ${key} has no step at ${value}: ${JSON.stringify(steps)}`);
        assert.equal(steps[below ? at - 1 : at]?.color, colours[severity], `${uid} ${key} at ${value}`);
        seen += 1;
      }
    }
  }
  assert.ok(seen >= 11, `${seen} levels`);
});

test('seconds, shares, money and rates each have axes of their own', () => {
  for (const { board, panel } of everyPanel) {
    const at = `${board.uid}, ${panel.title}`;
    assert.deepEqual(
      panel.fieldConfig.overrides.flatMap(({ properties }) => properties).filter(({ id }) => id === 'unit'),
      [],
      at,
    );
    for (const { expr = '' } of panel.targets ?? [])
      if (/histogram_quantile/.test(expr)) assert.match(expr, /sum by \(le\b/, at);
    const quantiles = panel.targets?.filter(({ expr }) => expr?.includes('_seconds_bucket')) ?? [];
    if (panel.datasource?.type === 'prometheus' && quantiles.length > 0)
      assert.equal(panel.fieldConfig.defaults.unit, 's', at);
  }
});

test('turns are slow from where the collector keeps them all', async () => {
  const { processors } = parse(await readFile(join(ROOT, 'otel-collector.yaml'), 'utf8'));
  const slow = processors.tail_sampling.policies.find(({ name }: { name: string }) => name === 'slow');
  const [, keptMs] = /^\$\{env:COLLECTOR_SLOW_TRACE_MS:-(\d+)\}$/.exec(slow.latency.threshold_ms) ?? [];
  const tables = everyPanel.filter(({ panel }) => panel.datasource?.type === 'tempo');
  for (const { panel } of tables) {
    const query = panel.targets?.[0]?.query ?? '';
    const [, shownS] = /duration > (\d+)s/.exec(query) ?? [];
    assert.equal(Number(shownS) * 1000, Number(keptMs));
    assert.match(panel.description ?? '', new RegExp(`longer than ${shownS} s`));
    // A job may be namespace/name; then no trace has it as its service.
    assert.doesNotMatch(query, /service\.name|\$job/);
  }
});

test('a row of the outliers opens its trace', () => {
  const tables = everyPanel.filter(({ panel }) => panel.datasource?.type === 'tempo');
  assert.ok(tables.length > 0);
  for (const { panel } of tables) {
    assert.match(panel.targets?.[0]?.query ?? '', /name = "voice\.turn".*duration > .*status = error/);
    const [override] = panel.fieldConfig.overrides;
    assert.equal(override?.matcher.options, 'traceID');
    const [link] = (override?.properties[0]?.value ?? []) as { url: string }[];
    const filled = link?.url.replaceAll(variable('traces'), 'my-tempo').replaceAll(variable('__value.raw'), 'abc123');
    const panes = JSON.parse(new URL(filled ?? '', 'http://grafana').searchParams.get('panes') as string);
    assert.equal(panes.trace.datasource, 'my-tempo');
    assert.deepEqual(panes.trace.queries, [
      { refId: 'A', datasource: { type: 'tempo', uid: 'my-tempo' }, queryType: 'traceql', query: 'abc123' },
    ]);
  }
  assert.ok(everyPanel.some(({ panel }) => panel.targets?.some((target) => 'exemplar' in target)));
});

test('the panels that every operator of this agent looks for are there', () => {
  const keys = new Set(boards.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.map(({ key }) => key))));
  const wanted =
    'request-rate response-time error-ratio sockets-and-sessions claude-rate claude-duration whisper-rate whisper-duration database-rate database-duration cache-hits cost-per-hour exchanges-by-intent quality up requests-in-progress cost-today errors-now turns-by-outcome first-response stages slo-good slo-burn-rate budgets event-loop heap collector-up';
  assert.deepEqual(
    wanted.split(' ').filter((key) => !keys.has(key)),
    [],
  );
});
