import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/parts.ts';
import { runProgram } from '../support/programs.ts';

const COMPOSE = join(ROOT, '.stack/bin/docker-compose');

/** One service as docker compose itself understands it. */
export interface Service {
  image: string;
  build?: { target: string };
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: { type: 'bind' | 'volume'; source: string; target: string; read_only?: boolean }[];
  ports?: { host_ip: string; target: number; published: string }[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  read_only?: boolean;
  restart?: string;
  init?: boolean;
  cap_drop?: string[];
  mem_limit?: string;
  cpus?: number;
  pids_limit?: number;
}

export interface Project {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

export const SECRETS = { AUTH_TOKENS: 'a-token', GRAFANA_ADMIN_PASSWORD: 'a-password' };

/** Runs docker compose's own `config`, away from this machine's .env; rejects with what it finds wrong. */
export function composeConfig(args: string[], env: Record<string, string> = SECRETS, file = 'docker-compose.yml') {
  const clean = { AUTH_TOKENS: '', GRAFANA_ADMIN_PASSWORD: '', COMPOSE_PROFILES: '', ...env };
  const where = ['--env-file', '/dev/null', '--project-directory', ROOT, '--file', file];
  return runProgram(COMPOSE, [...where, 'config', '--no-env-resolution', ...args], clean);
}

/** The whole project, the sandbox with it. */
export async function readProject(env: Record<string, string> = {}): Promise<Project> {
  return JSON.parse(await composeConfig(['--format', 'json'], { ...SECRETS, COMPOSE_PROFILES: 'sandbox', ...env }));
}

/** The image's name without its tag. */
export const nameOf = ({ image }: Service): string => image.slice(0, image.lastIndexOf(':'));

export const readYaml = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'));
