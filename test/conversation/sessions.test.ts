import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBudget } from '../../src/conversation/budget.ts';
import { listening, patient, startDomain, typed } from '../support/domain.ts';
import { temporaryDir } from '../support/temporary-dir.ts';

test('a session is created once, resumed by its id, and ends with what it was about', async () => {
  await using domain = await startDomain();
  const [first, again] = await Promise.all([domain.conversation.open('s1'), domain.conversation.open('s1')]);
  assert.equal(first.id, again.id);
  assert.deepEqual(domain.presences, ['created']);
  await domain.conversation.turn(first, typed('Volcanoes erupt when magma rises'), listening().listener, patient());
  await domain.conversation.turn(
    first,
    typed('Why do volcanoes sleep for centuries?'),
    listening().listener,
    patient(),
  );
  const summary = await domain.conversation.end(first);
  assert.equal(summary.exchanges, 2);
  assert.ok(summary.topics.join(' ').includes('volcano'), summary.topics.join());
  assert.ok(summary.remember.length > 0 && summary.durationS >= 0);
  assert.equal((await domain.store.session('s1'))?.status, 'ended');
  assert.deepEqual(domain.conversation.activeIds(), []);
  await domain.conversation.open('s1');
  assert.equal((await domain.store.session('s1'))?.status, 'active');
  assert.equal(domain.presences.filter((presence) => presence === 'created').length, 1);
});

test('a session expires when its last activity is as old as the limit, and a turn wakes it again', async () => {
  let now = 1_000_000;
  await using domain = await startDomain({ activeS: 180, now: () => now });
  const session = await domain.conversation.open('s1');
  now += 179_999;
  assert.deepEqual(domain.conversation.activeIds(), ['s1']);
  now += 1;
  assert.deepEqual(domain.conversation.activeIds(), []);
  await domain.sessions.expire();
  assert.equal((await domain.store.session('s1'))?.status, 'expired');
  assert.deepEqual(domain.presences, ['created', 0]);
  await domain.conversation.turn(session, typed('I am back'), listening().listener, patient());
  assert.equal((await domain.store.session('s1'))?.status, 'active');
  assert.deepEqual(domain.conversation.activeIds(), ['s1']);
});

test('a forgotten session is gone from store and cache; its costs stay without its name', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { token_delay_ms: 10 } } } });
  const session = await domain.conversation.open('s1');
  const begun = Promise.withResolvers<void>();
  const listener = { ...listening().listener, delta: () => begun.resolve() };
  const inFlight = domain.conversation.turn(session, typed('A secret about me'), listener, patient());
  const waiting = domain.conversation.turn(session, typed('Another secret'), listening().listener, patient());
  await begun.promise;
  assert.equal(await domain.conversation.forget('s1'), true);
  assert.equal((await inFlight).interrupted, true);
  assert.deepEqual(await waiting.then(({ interrupted, agentText }) => [interrupted, agentText]), [true, '']);
  assert.deepEqual(
    domain.facts.map(({ outcome, byLearner }) => [outcome, byLearner]),
    [
      ['interrupted', true],
      ['interrupted', true],
    ],
  );
  assert.deepEqual(await domain.store.history('s1', 10), []);
  assert.deepEqual(await domain.store.search('secret', 10), []);
  assert.equal(await domain.cache.get('s1'), undefined);
  assert.equal(await domain.conversation.forget('s1'), false);
  assert.equal(await domain.store.spentUsd({ sessionId: 's1' }), 0);
  assert.ok((await domain.store.spentUsd({})) > 0);
});

test('budgets warn once at 80 %, refuse at 100 %, and survive a restart', async () => {
  await using dir = await temporaryDir();
  const cost = await measureOneTurn();
  const monthUsd = cost * 5.5;
  {
    await using domain = await startDomain({ dir: dir.path, monthUsd });
    const session = await domain.conversation.open('s1');
    const say = () => domain.conversation.turn(session, typed('Tell me about rivers'), listening().listener, patient());
    const warnings: (string | undefined)[] = [];
    while (domain.budget.ratios([]).month < 1) warnings.push((await say()).budgetWarning);
    assert.ok(warnings.length >= 3, 'it took some turns');
    assert.deepEqual(warnings.filter(Boolean), [`80 % of this month's budget of ${monthUsd} USD is spent.`]);
  }
  await using again = await startDomain({ dir: dir.path, monthUsd });
  const session = await again.conversation.open('s2');
  const refusal = await again.conversation
    .turn(session, typed('Tell me about lakes'), listening().listener, patient())
    .catch((thrown) => thrown);
  assert.equal(refusal.kind, 'budget_exhausted');
  assert.match(refusal.message, /BUDGET_MONTH_USD/);
  assert.deepEqual(
    again.facts.map(({ outcome }) => outcome),
    ['refused'],
  );
  assert.equal(again.sandbox.calls.totals().messages.calls, 0, 'nobody was asked');
});

test('a session that spent its budget is refused; another goes on', async () => {
  const cost = await measureOneTurn();
  await using domain = await startDomain({ sessionUsd: cost * 0.9 });
  const first = await domain.conversation.open('s1');
  const result = await domain.conversation.turn(first, typed('Tell me about rivers'), listening().listener, patient());
  assert.match(String(result.budgetWarning), /80 % of this session/);
  await assert.rejects(
    domain.conversation.turn(first, typed('Tell me about lakes'), listening().listener, patient()),
    (thrown: { kind: string }) => thrown.kind === 'budget_exhausted',
  );
  const other = await domain.conversation.open('s2');
  await domain.conversation.turn(other, typed('Tell me about lakes'), listening().listener, patient());
});

test('the budget that a turn leaves behind has its cost in it, failed turns and former presences included', async () => {
  await using dir = await temporaryDir();
  let spent = 0;
  {
    await using domain = await startDomain({ dir: dir.path, sessionUsd: 1, monthUsd: 0 });
    const session = await domain.conversation.open('s1');
    const say = (text: string) => domain.conversation.turn(session, typed(text), listening().listener, patient());
    assert.deepEqual(domain.conversation.budget(session), {
      session: { spentUsd: 0, limitUsd: 1 },
      month: { spentUsd: 0, limitUsd: null },
    });
    const first = await say('Tell me about rivers');
    assert.deepEqual([first.budget.session.spentUsd, first.budget.month.spentUsd], [first.costUsd, first.costUsd]);
    domain.sandbox.faults.set({ messages: { cut: 'body', after_deltas: 3, times: 1 } });
    const failed = await say('Tell me about lakes').catch((thrown) => thrown);
    assert.ok(failed.extra.cost_usd > 0);
    const third = await say('Tell me about seas');
    spent = first.costUsd + failed.extra.cost_usd + third.costUsd;
    assert.ok(Math.abs(third.budget.session.spentUsd - spent) < 1e-9);
    const other = await domain.conversation.open('s2');
    const { session: own, month } = domain.conversation.budget(other);
    assert.deepEqual([own.spentUsd, month.spentUsd], [0, third.budget.month.spentUsd]);
  }
  await using again = await startDomain({ dir: dir.path, sessionUsd: 1, monthUsd: 2 });
  const told = again.conversation.budget(await again.conversation.open('s1'));
  assert.deepEqual([told.session.limitUsd, told.month.limitUsd], [1, 2]);
  for (const { spentUsd } of [told.session, told.month]) assert.ok(Math.abs(spentUsd - spent) < 1e-9);
});

test('whoever holds a session from before its expiry is told what it has cost since', async () => {
  let now = Date.now();
  await using domain = await startDomain({ activeS: 60, now: () => now });
  const early = await domain.conversation.open('s1');
  now += 61_000;
  await domain.sessions.expire();
  const late = await domain.conversation.open('s1');
  const { costUsd } = await domain.conversation.turn(
    late,
    typed('Tell me about rivers'),
    listening().listener,
    patient(),
  );
  assert.equal(domain.conversation.budget(early).session.spentUsd, costUsd);
});

/** What "Tell me about rivers" costs as a first turn. */
async function measureOneTurn(): Promise<number> {
  await using domain = await startDomain();
  const session = await domain.conversation.open('probe');
  const { costUsd } = await domain.conversation.turn(
    session,
    typed('Tell me about rivers'),
    listening().listener,
    patient(),
  );
  return costUsd;
}

test('a turn that comes while its session is being forgotten starts the session anew', async () => {
  await using domain = await startDomain();
  const session = await domain.conversation.open('s1');
  await domain.conversation.turn(session, typed('A secret about me'), listening().listener, patient());
  const forgetting = domain.conversation.forget('s1');
  const result = await domain.conversation.turn(session, typed('Something new'), listening().listener, patient());
  assert.equal(await forgetting, true);
  assert.equal(result.interrupted, false);
  assert.deepEqual(
    (await domain.store.history('s1', 10)).map(({ userText }) => userText),
    ['Something new'],
  );
  assert.deepEqual(
    (await domain.cache.get('s1'))?.exchanges.map(({ userText }) => userText),
    ['Something new'],
  );
  assert.equal(domain.presences.filter((presence) => presence === 'created').length, 2);
});

test('turns behind the end of their session go on in it, and it is active again', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { latency_ms: 30 } } } });
  const session = await domain.conversation.open('s1');
  const say = (text: string) => domain.conversation.turn(session, typed(text), listening().listener, patient());
  const first = say('One about ants');
  const ended = domain.conversation.end(session);
  const late = say('Two about bees');
  assert.equal((await first).interrupted, false);
  await ended;
  assert.equal((await late).interrupted, false);
  assert.equal((await domain.store.history('s1', 10)).length, 2);
});

test('an ended or expired session is summed up without being opened again', async () => {
  await using domain = await startDomain();
  const session = await domain.conversation.open('s1');
  await domain.conversation.turn(session, typed('Volcanoes erupt'), listening().listener, patient());
  await domain.conversation.end(session);
  const before = domain.presences.length;
  assert.equal((await domain.conversation.end(session)).exchanges, 1);
  assert.equal(domain.presences.length, before);
  assert.equal((await domain.store.session('s1'))?.status, 'ended');
});

test('sessions that a crash left active are expired at the next start, with their last activity as their end', async () => {
  await using domain = await startDomain();
  await domain.conversation.open('old');
  await domain.store.expireIdle(new Date(Date.now() + 1000));
  const record = await domain.store.session('old');
  assert.equal(record?.status, 'expired');
  assert.deepEqual(record?.endedAt, record?.lastActivity);
});

test('a month that nobody has spoken in costs nothing yet', async () => {
  let now = new Date('2026-11-30T23:59:00Z');
  const budget = createBudget({ store: { spentUsd: async () => 9 }, sessionUsd: 0, monthUsd: 10, now: () => now });
  await budget.start();
  assert.equal(budget.ratios([]).month, 0.9);
  now = new Date('2026-12-01T00:00:01Z');
  assert.equal(budget.ratios([]).month, 0);
  assert.equal(budget.month().spentUsd, 0);
});
