import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertName } from '../../src/mixin/config.ts';
import type { ToldAlert } from '../alert-receiver.ts';
import { CONDITIONS, type Condition } from './conditions.ts';
import { type DrillStack, startDrillStack } from './stack.ts';
import { activeAlerts, createInbox, type Inbox, isWanted, rulesEvaluated, type Wanted } from './watch.ts';

export type StepName = 'healthy' | 'on' | 'pending' | 'firing' | 'delivered' | 'off' | 'inactive' | 'resolved';

/** One step of a drill: seconds since the condition was switched on, and what was seen. */
export type Step = { step: StepName; atS: number; says: string };

export type DrillReport = {
  alert: AlertName;
  steps: Step[];
  /** From the condition to the webhook, at the drill's pace. */
  detectS: number;
  /** From the end of the condition to the webhook. */
  resolveS: number;
  firing: ToldAlert;
  resolved: ToldAlert;
  /** Other alerts that were told meanwhile, by name. */
  others: string[];
};

export type DrillOptions = {
  /** A folder of the drill's own; it is emptied first, and logs stay in it. */
  dir: string;
  onStep?: (step: Step) => void;
  /** For each step after the healthy beginning. */
  deadlineS?: number;
  /** Ends the drill, and stops its stack. */
  signal?: AbortSignal;
};

export const DIVISOR = 30;
const POLL_MS = 100;
const HEALTHY_S = 90;

/** Brings about the condition of an alert and follows it to its end; rejects, naming the step, when one does not come. */
export async function runDrill(alert: AlertName, options: DrillOptions): Promise<DrillReport> {
  const { dir, onStep = () => {}, deadlineS = 90, signal } = options;
  const condition = CONDITIONS[alert];
  const wanted: Wanted = { name: alert, labels: condition.labels };
  const inbox = createInbox();
  const steps: Step[] = [];
  let begun = performance.now();
  const tell = (step: StepName, says: string, at = performance.now()) => {
    const told = { step, atS: Math.max(0, (at - begun) / 1000), says };
    steps.push(told);
    onStep(told);
    return told.atS;
  };
  const until: Until = async (what, ask, withinS = deadlineS) => {
    const end = Date.now() + withinS * 1000;
    let last = '';
    for (;;) {
      signal?.throwIfAborted();
      try {
        const answer = await ask();
        if (answer !== undefined) return answer;
      } catch (error) {
        last = ` (${(error as Error).message})`;
      }
      if (Date.now() >= end) throw new Error(`${alert}: ${what}: not within ${withinS} s${last}. Logs: ${dir}`);
      await sleep(POLL_MS);
    }
  };

  await using stack = await startDrillStack({
    dir,
    divisor: condition.divisor ?? DIVISOR,
    onAlert: inbox.receive,
  });
  tell('healthy', await healthy(stack, { ...condition, until }));

  begun = performance.now();
  inbox.begin();
  const off = await condition.on(stack);
  try {
    tell('on', condition.does);
    const seen = () => stateOf(stack, wanted);
    const pending = await until('pending', seen);
    if (pending.state === 'pending') tell('pending', `value ${pending.value}`, clockOf(pending.activeAt));
    const firing = await until('firing', async () => {
      const now = await seen();
      return now?.state === 'firing' ? now : undefined;
    });
    tell('firing', `value ${firing.value}`);
    const delivered = await until('delivered to the webhook', async () => inbox.firing(wanted)[0]);
    const detectS = tell('delivered', describe(delivered));

    const ending = performance.now();
    await off();
    const offS = tell('off', condition.undoes, ending);
    await until('inactive', async () => ((await seen()) === undefined ? true : undefined));
    tell('inactive', '');
    const [resolved] = await until('resolved, delivered to the webhook', async () => inbox.resolved(wanted));
    const atS = tell('resolved', describe(resolved as ToldAlert));
    const others = othersIn(inbox, alert);
    return { alert, steps, detectS, resolveS: atS - offS, firing: delivered, resolved: resolved as ToldAlert, others };
  } catch (error) {
    await off().catch(() => {});
    throw error;
  }
}

type Until = <T>(what: string, ask: () => Promise<T | undefined>, withinS?: number) => Promise<T>;
type Before = Pick<Condition, 'idleBefore' | 'twoAgents'> & { until: Until };

/** Everyday traffic, and nothing to complain of: every rule evaluated, no alert pending. */
async function healthy(stack: DrillStack, { idleBefore, twoAgents, until }: Before): Promise<string> {
  if (twoAgents) await stack.secondAgent.start();
  const traffic = idleBefore ? undefined : await stack.traffic({ learners: 3 });
  const dozen = async () => (traffic && traffic.answered() < 12 ? undefined : true);
  await until('a dozen turns are answered', dozen, HEALTHY_S);
  const quiet = async () => {
    if (!(await rulesEvaluated(stack.prometheusUrl))) return undefined;
    const active = (await activeAlerts(stack.prometheusUrl)).filter(({ labels }) => {
      // NOTE: a drill's learners never rest; a month of that costs more than the budget, in a drill of anything else too.
      return idleBefore || labels.alertname !== 'HighAPICosts';
    });
    if (active.length === 0) return true;
    throw new Error(active.map(({ labels, state }) => `${labels.alertname} is ${state}`).join(', '));
  };
  await until('no alert is active before the drill', quiet, HEALTHY_S);
  return traffic ? `${traffic.answered()} turns answered, no alert` : 'nobody talks, no alert';
}

async function stateOf(stack: DrillStack, wanted: Wanted) {
  const mine = (await activeAlerts(stack.prometheusUrl)).filter((alert) => isWanted(wanted, alert));
  const first = mine.find(({ state }) => state === 'firing') ?? mine[0];
  return first && { ...first, value: Number(Number(first.value).toPrecision(3)) };
}

/** Prometheus' clock is this machine's: a time of it on the clock of performance.now(). */
const clockOf = (time: string): number => performance.now() - (Date.now() - Date.parse(time));

const describe = ({ labels, annotations }: ToldAlert): string =>
  `${labels.severity}: ${annotations.summary} → ${annotations.runbook_url}`;

const othersIn = (inbox: Inbox, alert: AlertName): string[] => [
  ...new Set(
    inbox
      .all()
      .map(({ labels }) => labels.alertname ?? '')
      .filter((name) => name !== alert),
  ),
];
