import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Part, ROOT, stackParts } from './stack/parts.ts';
import { choosePorts, DEFAULT_PORTS, isFree, type Ports } from './stack/ports.ts';
import { awaitReady, isAlive, launch, stop } from './stack/process.ts';
import { readRecord, removeRecord, type StackRecord, writeRecord } from './stack/record.ts';

/** Logs, data and the record of what runs; another folder is another stack. */
const DIR = resolve(process.env.STACK_DIR || join(ROOT, '.stack'));
const FIRST_TURN = join(ROOT, 'scripts/first-turn.ts');
const logOf = (part: Part) => join(DIR, 'logs', `${part.name}.log`);
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Starts what does not run yet, in order, each part once the one before it serves; on failure stops what it started. */
async function up(): Promise<void> {
  const record = livingRecord() ?? { ports: await portsForNewStack(), processes: {} };
  const started: string[] = [];
  try {
    for (const part of stackParts({ ports: record.ports, dir: DIR })) {
      const running = record.processes[part.name];
      if (running && isAlive(running)) {
        await awaitReady(part, running, logOf(part));
        print(
          row(part, part.name === 'agent' ? 'already running; make down first for new settings' : 'already running'),
        );
        continue;
      }
      const begin = performance.now();
      const { id } = await launch(part, logOf(part), true);
      started.push(part.name);
      record.processes[part.name] = id;
      writeRecord(DIR, record);
      await awaitReady(part, id, logOf(part));
      print(row(part, `ready in ${((performance.now() - begin) / 1000).toFixed(1)} s`));
    }
  } catch (error) {
    await stopParts(record, started.reverse());
    throw error;
  }
  await run(process.execPath, [FIRST_TURN], environmentOf(record.ports));
}

/** Stops all parts, the agent first; what is already gone is no error. */
async function down(): Promise<void> {
  const record = readRecord(DIR);
  if (!record) {
    print('Nothing is running.');
    return;
  }
  await stopParts(
    record,
    partsOf(record)
      .map((part) => part.name)
      .reverse(),
  );
}

/** One row a part: what it is doing, where it serves. Exits with 1 when one is not serving. */
async function status(): Promise<void> {
  const record = readRecord(DIR);
  if (!record) {
    print('Nothing is running; start it with: make up');
    process.exitCode = 1;
    return;
  }
  for (const part of partsOf(record)) {
    const id = record.processes[part.name];
    const alive = id !== undefined && isAlive(id);
    const ready =
      alive &&
      (await part.ready().then(
        () => true,
        () => false,
      ));
    if (!ready) process.exitCode = 1;
    print(row(part, ready ? `ready, pid ${id.pid}` : alive ? `not ready, pid ${id.pid}` : 'stopped'));
  }
}

/** Follows every log until Ctrl-C. */
async function logs(): Promise<void> {
  const files = partsOf({ ports: DEFAULT_PORTS }).map(logOf).filter(existsSync);
  if (files.length === 0) print('There are no logs yet; start the stack with: make up');
  else await run('tail', ['-n', '20', '-F', ...files], {});
}

const partsOf = ({ ports }: Pick<StackRecord, 'ports'>) => stackParts({ ports, dir: DIR });

function livingRecord(): StackRecord | undefined {
  const record = readRecord(DIR);
  return record && Object.values(record.processes).some(isAlive) ? record : undefined;
}

/** The agent's port is its users' address and never moves by itself; the others do, when something has theirs. */
async function portsForNewStack(): Promise<Ports> {
  const wanted = { ...DEFAULT_PORTS, agent: Number(process.env.PORT || DEFAULT_PORTS.agent) };
  if (!Number.isInteger(wanted.agent) || wanted.agent < 1 || wanted.agent > 65_535) {
    throw new Error(`PORT=${process.env.PORT} is no port: write a whole number from 1 to 65535`);
  }
  if (!(await isFree(wanted.agent))) {
    throw new Error(
      `Port ${wanted.agent} is taken by another program; choose one for the agent: PORT=${wanted.agent + 1} make up`,
    );
  }
  const chosen = await choosePorts(wanted);
  for (const name of Object.keys(wanted) as (keyof Ports)[]) {
    if (chosen[name] !== wanted[name])
      print(`Port ${wanted[name]} is taken by another program: ${name} gets ${chosen[name]}.`);
  }
  return chosen;
}

async function stopParts(record: StackRecord, names: string[]): Promise<void> {
  for (const name of names) {
    const id = record.processes[name];
    delete record.processes[name];
    if (!id || !isAlive(id)) continue;
    const willing = await stop(id);
    print(`${name.padEnd(12)} ${willing ? 'stopped' : 'killed: it did not stop in 10 s'}`);
  }
  if (Object.keys(record.processes).length > 0) writeRecord(DIR, record);
  else removeRecord(DIR);
}

/** For the first turn: where the four windows on its numbers are, and where alerts go. */
function environmentOf(ports: Ports): Record<string, string> {
  return {
    AGENT_URL: `http://127.0.0.1:${ports.agent}`,
    COLLECTOR_METRICS_URL: `http://127.0.0.1:${ports.collectorMetrics}/metrics`,
    PROMETHEUS_URL: `http://127.0.0.1:${ports.prometheus}`,
    ALERTS_LOG: join(DIR, 'logs/alerts.log'),
  };
}

function row(part: Part, state: string): string {
  return `${part.name.padEnd(12)} ${state.padEnd(22)} ${part.address}`;
}

async function run(command: string, args: string[], env: Record<string, string>): Promise<void> {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (code !== 0) process.exitCode = 1;
}

const commands: Record<string, () => Promise<void>> = { up, down, status, logs };
const command = commands[process.argv[2] ?? ''];
try {
  if (!command) throw new Error(`Say one of: ${Object.keys(commands).join(', ')}`);
  await command();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
