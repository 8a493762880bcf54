import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CONFIG_NAMES, ConfigError, readConfig } from '../src/config.ts';

test('nothing set: loopback, sandbox, embedded defaults', () => {
  const config = readConfig({});
  assert.equal(config.HOST, '127.0.0.1');
  assert.equal(config.PORT, 8000);
  assert.equal(config.PROVIDERS, 'sandbox');
  assert.equal(config.REDIS_URL, undefined);
  assert.equal(config.SESSION_TTL_S, 1800);
  assert.equal(config.SESSION_ACTIVE_S, 180);
});

test('both keys mean live, and a token opens the address', () => {
  const config = readConfig({ ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o', AUTH_TOKENS: 'one, two,' });
  assert.equal(config.PROVIDERS, 'live');
  assert.equal(config.HOST, '0.0.0.0');
  assert.deepEqual(config.AUTH_TOKENS, ['one', 'two']);
});

test('keys can lie about while the sandbox answers', () => {
  assert.equal(readConfig({ ANTHROPIC_API_KEY: 'a', PROVIDERS: 'sandbox' }).PROVIDERS, 'sandbox');
});

const problemsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  throw new assert.AssertionError({ message: `${JSON.stringify(env)} was accepted` });
};

test('all problems come at once, each with name, value and cure', () => {
  const message = problemsOf({ PORT: 'eighty', CLAUDE_TEMPERATURE: '3', PROVIDERS: 'both', HOST: '0.0.0.0' });
  assert.match(message, /4 problem/);
  assert.match(message, /HOST=0\.0\.0\.0/);
  assert.match(message, /PORT="eighty": write a number/);
  assert.match(message, /CLAUDE_TEMPERATURE="3"/);
  assert.match(message, /PROVIDERS="both".*live.*sandbox/);
});

test('an open address without a token is refused', () => {
  assert.match(problemsOf({ HOST: '0.0.0.0' }), /HOST=0\.0\.0\.0.*AUTH_TOKENS/);
});

test('one key without the other names the missing one', () => {
  assert.match(problemsOf({ ANTHROPIC_API_KEY: 'a' }), /OPENAI_API_KEY is not set.*PROVIDERS=sandbox/);
});

test('a sandbox address means the sandbox, whatever keys lie about', () => {
  const keys = { ANTHROPIC_API_KEY: 'a', OPENAI_API_KEY: 'o', SANDBOX_URL: 'http://127.0.0.1:8010' };
  assert.equal(readConfig(keys).PROVIDERS, 'sandbox');
  assert.match(problemsOf({ ...keys, PROVIDERS: 'live' }), /SANDBOX_URL and PROVIDERS=live contradict/);
});

test('addresses of a kind that nobody can use are told at once', () => {
  const message = problemsOf({ DATABASE_URL: 'postgres://me:secret@host/db', REDIS_URL: 'host:6379' });
  assert.match(message, /DATABASE_URL=\(hidden\): only SQLite/);
  assert.match(message, /REDIS_URL=\(hidden\): write redis:/);
  assert.doesNotMatch(message, /secret/);
});

test('a secret is never shown', () => {
  const message = problemsOf({ SANDBOX_URL: 'secret-in-a-url' });
  assert.match(message, /SANDBOX_URL=\(hidden\)/);
  assert.doesNotMatch(message, /secret/);
});

test('.env.example lists every name, and its defaults are the defaults', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split('\n');
  const example = Object.fromEntries(
    lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  const own = Object.keys(example).filter((name) => !name.startsWith('OTEL_'));
  assert.deepEqual(own.sort(), [...CONFIG_NAMES].sort());
  assert.deepEqual(readConfig(example), readConfig({}));
});
