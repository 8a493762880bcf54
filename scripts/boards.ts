import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { expand } from '../src/mixin/boards/expand.ts';
import { seconds } from '../src/mixin/pace.ts';
import type { Duration } from '../src/mixin/promql.ts';
import { readBoards } from './boards/grafana.ts';
import { PAGE_WIDTH, pageOf } from './boards/page.ts';
import { picture } from './boards/picture.ts';
import { prometheusAt } from './boards/prometheus.ts';
import { ROOT } from './stack/parts.ts';
import { DEFAULT_PORTS } from './stack/ports.ts';
import { readRecord } from './stack/record.ts';

const HELP = `Draws every board of grafana/dashboards from a Prometheus, for people without Grafana.

  npm run boards -- [--prometheus URL] [--out DIR] [--png] [--range 15m] [--boards DIR]

  --prometheus URL   where to ask; the one that make up started, else http://127.0.0.1:9090
  --out DIR          where the pages go, one a board; .stack/boards
  --png              a picture beside each page, by Chromium
  --range 15m        how far back, in s, m, h or d
  --boards DIR       other dashboards than the generated ones`;

/** Points of a curve; the step follows, but is never shorter than Prometheus' scrape interval here. */
const POINTS = 240;
const SCRAPE_S = 5;

function spanOf(range: string) {
  if (!/^[1-9]\d*[smhd]$/.test(range))
    throw new Error(`--range ${range} is no duration: write a whole number and s, m, h or d, as in 15m`);
  const length = seconds(range as Duration);
  const stepS = Math.max(SCRAPE_S, Math.ceil(length / POINTS));
  const endS = Math.floor(Date.now() / 1000 / stepS) * stepS;
  return { startS: endS - Math.floor(length / stepS) * stepS, endS, stepS };
}

/** The Prometheus of the stack that runs here, on whatever port it came to lie. */
const runningPrometheus = (): string =>
  `http://127.0.0.1:${readRecord(process.env.STACK_DIR || join(ROOT, '.stack'))?.ports.prometheus ?? DEFAULT_PORTS.prometheus}`;

async function draw(): Promise<void> {
  const { values } = parseArgs({
    options: {
      prometheus: { type: 'string', default: runningPrometheus() },
      out: { type: 'string', default: join(ROOT, '.stack/boards') },
      png: { type: 'boolean', default: false },
      range: { type: 'string', default: '15m' },
      boards: { type: 'string', default: join(ROOT, 'grafana/dashboards') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const span = spanOf(values.range);
  // Grafana's own rule for $__rate_interval: four scrapes, or a step and one scrape.
  const interval = `${Math.max(4 * SCRAPE_S, span.stepS + SCRAPE_S)}s`;
  const setting = {
    prometheus: prometheusAt(values.prometheus),
    span,
    expand: (expr: string) => expand(expr, { interval, range: values.range }),
  };
  const boards = readBoards(values.boards);
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  for (const board of boards) {
    const page = await pageOf(board, boards, setting);
    const file = join(out, `${board.name}.html`);
    writeFileSync(file, page.html);
    console.log(file);
    if (!values.png) continue;
    const png = join(out, `board-${board.name}.png`);
    await picture(file, png, { width: PAGE_WIDTH, height: page.height });
    console.log(png);
  }
}

try {
  await draw();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
