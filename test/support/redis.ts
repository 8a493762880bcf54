import { redis } from '../../scripts/stack/parts.ts';
import { type RunningPart, startPart, type Where } from './running-part.ts';

/** A real Redis without persistence; give `ports` to start it again where it was. */
export async function startRedis(where: Where = {}): Promise<RunningPart & { url: string }> {
  const part = await startPart((ports, dir) => redis({ ports, dir }), where);
  return { ...part, url: `redis://127.0.0.1:${part.ports.redis}` };
}
