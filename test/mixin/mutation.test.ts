import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { survivorsOf, type Task, tasksOf } from './mutated-rules.ts';

const PROCESSES = 2;

/** Mutants that are the same rule in all that can happen, with the reason. */
const EQUIVALENT: { rule: string; change: RegExp; because: string }[] = [
  {
    rule: 'VoiceTurnBudgetBurn',
    change: /ratio_rate\w+ ⟦>⟧ .* → >=$/,
    because: 'a share of turns is a quotient of rounded rates; that it stands exactly on the limit is chance',
  },
  {
    rule: 'HighAPICosts',
    change: /⟦>⟧ .* → >=$/,
    because: 'a rate of money in binary is never exactly $10 a month',
  },
  {
    rule: 'job:http_request_duration_seconds',
    change: /⟦>⟧ 0.* → >=$/,
    because: 'no request takes no time',
  },
  {
    rule: 'CardinalityOverflow',
    change: /⟦sum⟧ .* → max$/,
    because: 'its value is not shown, and a sum is above 0 when its greatest part is',
  },
];

test('every mutant of every rule is killed by a test of alerts/*.test.yml', async (t) => {
  await using folder = await temporaryDir();
  const files = ['rules', 'slo-rules'].map((name) => join(ROOT, 'alerts', name));
  const tasks = (await Promise.all(files.map((file) => tasksOf(`${file}.yml`, `${file}.test.yml`)))).flat();
  // The SLO's are the longest: they go first.
  const queue = tasks.reverse();
  const survivors: string[] = [];
  let total = 0;
  const work = async () => {
    for (let task = queue.shift(); task; task = queue.shift()) {
      const judged = await judge(task);
      total += judged;
    }
  };
  const judge = async (task: Task): Promise<number> => {
    const began = performance.now();
    const { mutants, survivors: living } = await survivorsOf(task, folder.path);
    const unexcused = living.filter(({ change }) => !excused(task.name, change));
    const excuse = living.length > unexcused.length ? `, ${living.length - unexcused.length} equivalent` : '';
    console.log(
      `${task.name}: ${mutants - living.length} of ${mutants} killed${excuse}, ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    survivors.push(...unexcused.map(({ change }) => `${task.name}: ${change}`));
    return mutants;
  };
  await Promise.all(Array.from({ length: PROCESSES }, work));
  t.diagnostic(`${total} mutants, ${survivors.length} survive`);
  assert.deepEqual(survivors, [], 'these changes of a rule pass all tests');
});

const excused = (name: string, change: string): boolean =>
  EQUIVALENT.some((each) => name.startsWith(each.rule) && each.change.test(change));
