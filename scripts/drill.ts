import { join } from 'node:path';
import { ALERT_NAMES, type AlertName, CONFIG } from '../src/mixin/config.ts';
import { CONDITIONS } from './drill/conditions.ts';
import { DIVISOR, type DrillReport, runDrill, type Step } from './drill/run.ts';
import { ROOT } from './stack/parts.ts';

const print = (line = '') => process.stdout.write(`${line}\n`);
const lineOf = ({ step, atS, says }: Step) => `${atS.toFixed(1).padStart(6)} s  ${step.padEnd(9)}  ${says}`.trimEnd();

function list(): void {
  print('Say which alert to drill, as in: make drill ALERT=AgentDown\n');
  const width = Math.max(...ALERT_NAMES.map((name) => name.length));
  for (const name of ALERT_NAMES) print(`${name.padEnd(width)}  ${CONDITIONS[name].does}`);
}

async function drill(alert: AlertName): Promise<void> {
  const dir = join(ROOT, '.stack/drill', alert);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      // The second time nobody wants to wait; what runs is killed on the way out.
      if (ended.signal.aborted) process.exit(130);
      ended.abort(new Error(`${alert}: ended by ${signal}`));
    });
  const divisor = CONDITIONS[alert].divisor ?? DIVISOR;
  print(`${alert}: the shipped rules, their durations divided by ${divisor}, on a stack of its own. Logs: ${dir}\n`);
  const report = await runDrill(alert, { dir, onStep: (step) => print(lineOf(step)), signal: ended.signal });
  summarise(report);
}

function summarise({ alert, detectS, resolveS, others, steps }: DrillReport): void {
  const { severity, ...shipped } = CONFIG.alerts[alert] as { severity: string; window?: string; for?: string };
  const at = new Map(steps.map(({ step, atS }) => [step, atS]));
  const since = (from: number, to: number | undefined) => (to === undefined ? '' : `${(to - from).toFixed(1)} s`);
  const off = at.get('off') ?? 0;
  print(`\n${'condition on →'.padEnd(18)}${'condition off →'.padEnd(18)}`);
  for (const [left, right] of [
    ['pending', 'inactive'],
    ['firing', 'resolved'],
    ['delivered', undefined],
  ] as const) {
    const before = `${left.padEnd(10)}${(since(0, at.get(left)) || 'at once').padEnd(8)}`;
    print(`${before}${right ? `${right.padEnd(10)}${since(off, at.get(right))}` : ''}`.trimEnd());
  }
  print();
  print(`time to detect   ${detectS.toFixed(1)} s`);
  print(`time to resolve  ${resolveS.toFixed(1)} s`);
  const waits = [shipped.window && `looks back ${shipped.window}`, shipped.for && `waits ${shipped.for}`];
  print(`as shipped       ${severity}${waits.map((wait) => (wait ? `, ${wait}` : '')).join('')}`);
  if (others.length > 0) print(`told meanwhile   ${others.join(', ')}`);
}

const isAlert = (name: string): name is AlertName => (ALERT_NAMES as string[]).includes(name);
const wanted = process.argv[2] ?? '';
try {
  if (wanted === '') list();
  else if (isAlert(wanted)) await drill(wanted);
  else throw new Error(`There is no alert ${JSON.stringify(wanted)}; make drill lists them.`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
