import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { seconds } from '../../src/mixin/pace.ts';
import type { Duration } from '../../src/mixin/promql.ts';
import type { AlertRule, RecordingRule, RuleGroup } from '../../src/mixin/rules/rule.ts';
import { mutantsOf } from './mutants.ts';
import { promtool } from './promtool.ts';

type Rule = RecordingRule | AlertRule;
type Mutated = { id: number; change: string; rule: Rule };
type TestGroup = {
  name: string;
  interval: string;
  alert_rule_test?: { eval_time: string }[];
  promql_expr_test?: { eval_time: string }[];
};
type TestFile = { evaluation_interval: string; tests: TestGroup[] };

/** One rule, the others of its alert, what they read, and the tests that are about it, the shortest first. */
export type Task = {
  name: string;
  rule: Rule;
  siblings: Rule[];
  needs: RecordingRule[];
  tests: TestGroup[];
  interval: string;
};

/** The tasks of a rule file and its test file; throws when a rule has no tests. */
export async function tasksOf(rulesPath: string, testsPath: string): Promise<Task[]> {
  const { groups }: { groups: RuleGroup[] } = parse(await readFile(rulesPath, 'utf8'));
  const { tests, evaluation_interval }: TestFile = parse(await readFile(testsPath, 'utf8'));
  const rules = groups.flatMap((group) => group.rules);
  const recordings = rules.filter((rule) => 'record' in rule);
  return rules.map((rule) => {
    const name = titleOf(rule);
    const own = tests.filter((test) => test.name.startsWith(`${name}:`)).sort((a, b) => lengthS(a) - lengthS(b));
    if (own.length === 0) throw new Error(`${testsPath} has no test whose name starts with "${name}:"`);
    const siblings = rules.filter((other) => other !== rule && titleOf(other) === name);
    const needs = recordings.filter(({ record }) => record !== nameOf(rule) && rule.expr.includes(record));
    return { name, rule, siblings, needs, tests: own, interval: evaluation_interval };
  });
}

/** How the names of a rule's tests start: an alert that stands in several rules is told apart by its long window. */
const titleOf = (rule: Rule): string =>
  'alert' in rule && rule.labels.long ? `${rule.alert} ${rule.labels.long}` : nameOf(rule);
const nameOf = (rule: Rule): string => ('record' in rule ? rule.record : rule.alert);

/**
 * The mutants that no test kills. All that are left run side by side in one promtool, each under a name of its own; the
 * longer tests see only those that the shorter ones let live.
 */
export async function survivorsOf(task: Task, folder: string): Promise<{ mutants: number; survivors: Mutated[] }> {
  const all = mutate(task.rule);
  let living = all;
  for (const test of task.tests) living = await survive(task, test, living, folder);
  return { mutants: all.length, survivors: living };
}

async function survive(task: Task, test: TestGroup, mutants: Mutated[], folder: string): Promise<Mutated[]> {
  if (mutants.length === 0) return [];
  const unchanged: Mutated = { id: 0, change: 'none', rule: task.rule };
  const tried = [unchanged, ...mutants];
  const stem = join(folder, `${task.name.replaceAll(/\W/g, '-')}-${mutants.length}-${task.tests.indexOf(test)}`);
  const rules = [
    ...task.needs,
    ...tried.flatMap(({ id, rule }) => [rule, ...task.siblings].map((each) => renamed(each, id))),
  ];
  await writeFile(`${stem}.rules.yml`, JSON.stringify({ groups: [{ name: 'mutants', rules }] }));
  const suite = {
    rule_files: [`${stem}.rules.yml`],
    evaluation_interval: pace(test, task.interval),
    tests: [cloned(test, nameOf(task.rule), tried)],
  };
  await writeFile(`${stem}.test.yml`, JSON.stringify(suite));
  const output = await promtool('test', 'rules', `${stem}.test.yml`);
  if (output.includes('could not parse')) throw new Error(`a mutant of ${task.name} is no PromQL:\n${output}`);
  const dead = new Set(Array.from(output.matchAll(/__(\d+)\b/g), ([, id]) => Number(id)));
  if (dead.has(0) || (output.includes('FAILED') && dead.size === 0))
    throw new Error(`"${test.name}" fails without a mutation:\n${output}`);
  const living = mutants.filter(({ id }) => !dead.has(id));
  // A rule that cannot be evaluated ends a promtool's run before the others were tested.
  return output.includes('err:') ? survive(task, test, living, folder) : living;
}

function mutate(rule: Rule): Mutated[] {
  const expressions = mutantsOf(rule.expr).map(({ change, expr }) => ({ change, rule: { ...rule, expr } }));
  return [...expressions, ...waits(rule)].map((mutated, index) => ({ id: index + 1, ...mutated }));
}

function waits(rule: Rule): { change: string; rule: Rule }[] {
  if ('record' in rule) return [];
  if (!rule.for) return [{ change: 'for: none → 30s', rule: { ...rule, for: '30s' } }];
  const s = secondsOf(rule.for);
  return ([`${s / 2}s`, `${s * 2}s`, '0s'] as const).map((wait) => ({
    change: `for: ${rule.for} → ${wait}`,
    rule: { ...rule, for: wait },
  }));
}

function renamed(rule: Rule, id: number): object {
  const name = `${nameOf(rule)}__${id}`;
  return 'record' in rule ? { ...rule, record: name } : { ...rule, alert: name };
}

/** The test with each of its assertions once for every mutant. */
function cloned(test: TestGroup, name: string, mutants: Mutated[]): object {
  const named = new RegExp(`(?<![\\w:=])${name}(?![\\w:])`, 'g');
  const of = (assertions: object[] = []) =>
    mutants.flatMap(({ id }) =>
      assertions.map((assertion) => JSON.parse(JSON.stringify(assertion).replaceAll(named, `${name}__${id}`))),
    );
  return { ...test, alert_rule_test: of(test.alert_rule_test), promql_expr_test: of(test.promql_expr_test) };
}

/** With every sample where that is enough: a test over days evaluates its rules by the hour, not by the minute. */
const pace = (test: TestGroup, interval: string): string =>
  timesS(test).every((time) => time % secondsOf(test.interval) === 0) && secondsOf(test.interval) > secondsOf(interval)
    ? test.interval
    : interval;

const lengthS = (test: TestGroup): number => Math.max(...timesS(test));
const timesS = (test: TestGroup): number[] =>
  [...(test.alert_rule_test ?? []), ...(test.promql_expr_test ?? [])].map((each) => secondsOf(each.eval_time));

/** A Prometheus duration of one or more parts, such as 1h30m. */
const secondsOf = (duration: string): number =>
  Array.from(duration.matchAll(/\d+[smhd]/g), ([part]) => seconds(part as Duration)).reduce(
    (sum, each) => sum + each,
    0,
  );
