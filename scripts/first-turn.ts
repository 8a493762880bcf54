// Speaks one real recording to the agent, and holds the numbers of that turn against each other in four windows.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { peoplePrinter } from '../src/client/talk/printer.ts';
import { connect } from '../src/client/voice-client.ts';
import { disagreements, moved, same, table, type Windows } from './first-turn/table.ts';
import { ledgerView, prometheusView, reportView, textView, type View, type Where } from './first-turn/windows.ts';
import { ROOT } from './stack/parts.ts';

const RECORDING = join(
  ROOT,
  '.stack/debian/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0930.wav',
);
/** A push and a scrape, some times over. */
const DEADLINE_MS = 60_000;
const POLL_MS = 500;

const { AGENT_URL, PROMETHEUS_URL, ALERTS_LOG, AUTH_TOKENS, AGENT_TOKEN } = process.env;
const where: Where = {
  agentUrl: AGENT_URL || 'http://127.0.0.1:8000',
  prometheusUrl: PROMETHEUS_URL || 'http://127.0.0.1:9090',
  token: AGENT_TOKEN || AUTH_TOKENS?.split(',')[0]?.trim() || undefined,
};
const print = (line = '') => process.stdout.write(`${line}\n`);

async function firstTurn(): Promise<boolean> {
  const recording = await readFile(RECORDING).catch(() => {
    throw new Error(`${RECORDING} is missing; get it with: make install`);
  });
  print(`\nOne turn, spoken by a recording, to ${where.agentUrl}:`);
  await prometheusShows(await textView(where), 'Prometheus to know where the agent stands');
  const before: Windows = await windows();

  using client = await connect({ url: where.agentUrl, token: where.token, speak: true });
  const printer = peoplePrinter();
  print();
  for await (const event of client.speakAudio(recording)) printer.event(event);

  await prometheusShows(await textView(where), 'Prometheus to scrape what the turn moved');
  const after = { "client's ledger": ledgerView(client), ...(await windows()) };
  const shown = moved(before, after);
  print();
  for (const line of table(shown)) print(line);
  const wrong = disagreements(shown);
  print(
    wrong.length === 0
      ? '\nAll four windows agree ✓'
      : `\nThe windows do not agree ✗ (or somebody else talked to the agent meanwhile)\n  ${wrong.join('\n  ')}`,
  );
  return wrong.length === 0;
}

async function windows(): Promise<Windows> {
  const [report, text, prometheus] = await Promise.all([reportView(where), textView(where), prometheusView(where)]);
  return { '/api/metrics': report, '/metrics': text, Prometheus: prometheus };
}

/** Waits until Prometheus shows the same; goes on after the deadline, for the table to tell what is missing. */
async function prometheusShows(wanted: View, what: string): Promise<void> {
  const dots = process.stdout.isTTY;
  const begin = performance.now();
  process.stdout.write(`Waiting for ${what}`);
  while (!same(await prometheusView(where), wanted) && performance.now() - begin < DEADLINE_MS) {
    if (dots) process.stdout.write('.');
    await sleep(POLL_MS);
  }
  print(`: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

function printAddresses(): void {
  const { agentUrl, prometheusUrl } = where;
  const url = agentUrl === 'http://127.0.0.1:8000' ? '' : ` --url ${agentUrl}`;
  const bearer = where.token ? ' -H "Authorization: Bearer $AGENT_TOKEN"' : '';
  print(`
Where it is
  the agent        ${agentUrl}   (a page for people, in a browser)
  Prometheus       ${prometheusUrl}/classic/graph?g0.expr=voice_turns_total&g0.tab=1
  alerts           ${prometheusUrl}/classic/alerts${ALERTS_LOG ? `, printed in ${relative(ROOT, ALERTS_LOG)}` : ''}
  the runbook      ${prometheusUrl}/consoles/runbook.html

Try${where.token ? '\n  export AGENT_TOKEN=…      one of your AUTH_TOKENS; the agent listens on all addresses' : ''}
  npm run talk --${url} --text "What is a closure?"
  npm run talk --${url} ${relative(ROOT, RECORDING)} --save reply.wav
  curl -s${bearer} ${agentUrl}/api/conversation --json '{"text": "What is a closure?"}'
  curl -s${bearer} ${agentUrl}/api/search --json '{"query": "closure"}'
  curl -s${bearer} ${agentUrl}/api/metrics
  curl -s${bearer} ${agentUrl}/metrics | grep voice_turn
  make status · make logs · make boards · make drill · make down`);
}

try {
  const agreed = await firstTurn();
  printAddresses();
  process.exitCode = agreed ? 0 : 1;
} catch (error) {
  process.stderr.write(`\nThe first turn failed: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
