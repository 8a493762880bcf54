import { agent } from '../../scripts/stack/parts.ts';
import { type RunningPart, startPart, type Where } from './running-part.ts';

export interface RunningAgent extends RunningPart {
  url: string;
  /** GET /metrics as text. */
  metricsText: () => Promise<string>;
  /** GET of a JSON route. */
  json: <T>(path: string) => Promise<T>;
}

/** The real agent as a process, pushing every 500 ms; `env` overrides, an empty value unsets. */
export async function startAgent(options: Where & { env?: Record<string, string> } = {}): Promise<RunningAgent> {
  const pace = { OTEL_METRIC_EXPORT_INTERVAL: '500', RATE_LIMIT_PER_MIN: '1000000', REDIS_URL: '' };
  // NOTE: a developer's own keys and tokens must never be used by a test.
  const nobody = {
    PROVIDERS: '',
    ANTHROPIC_API_KEY: '',
    OPENAI_API_KEY: '',
    AUTH_TOKENS: '',
    HOST: '',
    SANDBOX_URL: '',
  };
  const part = await startPart((ports, dir) => {
    const real = agent({ ports, dir });
    return { ...real, env: { ...real.env, ...pace, ...nobody, ...options.env } };
  }, options);
  const url = `http://127.0.0.1:${part.ports.agent}`;
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    return response;
  };
  return {
    ...part,
    url,
    metricsText: async () => (await get('/metrics')).text(),
    json: async <T>(path: string) => (await get(path)).json() as Promise<T>,
  };
}
