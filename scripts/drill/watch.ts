import type { AlertName } from '../../src/mixin/config.ts';
import type { ToldAlert } from '../alert-receiver.ts';

/** An alert that Prometheus holds pending or firing. */
export type ActiveAlert = {
  labels: Record<string, string>;
  state: 'pending' | 'firing';
  /** When its condition began to hold. */
  activeAt: string;
  value: string;
};

/** Every alert that is pending or firing. */
export async function activeAlerts(prometheusUrl: string): Promise<ActiveAlert[]> {
  const { alerts } = await ask<{ alerts: ActiveAlert[] }>(`${prometheusUrl}/api/v1/alerts`);
  return alerts;
}

/** Whether every rule has been evaluated, and without an error; throws what Prometheus says about a bad one. */
export async function rulesEvaluated(prometheusUrl: string): Promise<boolean> {
  type Rule = { name: string; health: string; lastError?: string };
  const { groups } = await ask<{ groups: { rules: Rule[] }[] }>(`${prometheusUrl}/api/v1/rules`);
  const rules = groups.flatMap((group) => group.rules);
  const bad = rules.find(({ health }) => health === 'err');
  if (bad) throw new Error(`${bad.name} cannot be evaluated: ${bad.lastError}`);
  return rules.length > 0 && rules.every(({ health }) => health === 'ok');
}

export type Wanted = { name: AlertName; labels?: Record<string, string> | undefined };

export const isWanted = ({ name, labels = {} }: Wanted, alert: { labels: Record<string, string> }): boolean =>
  alert.labels.alertname === name && Object.entries(labels).every(([label, value]) => alert.labels[label] === value);

/** What the webhook has been told since the condition began; an alert of before, told late, is none of it. */
export function createInbox() {
  let told: ToldAlert[] = [];
  let since = 0;
  const identity = ({ labels }: ToldAlert) => JSON.stringify(Object.entries(labels).sort());
  const of = (wanted: Wanted) => told.filter((alert) => isWanted(wanted, alert));
  return {
    receive: (alert: ToldAlert) => void told.push(alert),
    /** Forgets what came before. */
    begin() {
      since = Date.now();
      told = [];
    },
    all: (): ToldAlert[] => told.filter(({ startsAt }) => Date.parse(startsAt) >= since),
    firing: (wanted: Wanted): ToldAlert[] =>
      of(wanted).filter(({ status, startsAt }) => status === 'firing' && Date.parse(startsAt) >= since),
    /** The last word about each that was told firing, once all of them are resolved. */
    resolved(wanted: Wanted): ToldAlert[] | undefined {
      const last = new Map(of(wanted).map((alert) => [identity(alert), alert]));
      const words = [...last.values()];
      return words.length > 0 && words.every(({ status }) => status === 'resolved') ? words : undefined;
    },
  };
}
export type Inbox = ReturnType<typeof createInbox>;

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  const { data, error } = (await response.json()) as { data: T; error?: string };
  if (!response.ok) throw new Error(`${url}: ${error}`);
  return data;
}
