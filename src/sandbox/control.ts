import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Calls } from './calls.ts';
import { readBody } from './exchange.ts';
import type { Faults } from './faults.ts';

const MAX_PLAN_BYTES = 64 * 1024;

/** The sandbox's own routes: `/` says what this is, `/sandbox/faults` switches faults, `/sandbox/calls` shows the ledger. */
export async function answerControl(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  { faults, calls }: { faults: Faults; calls: Calls },
): Promise<void> {
  const ledger = () => ({ endpoints: calls.totals(), models: calls.byModel() });
  switch (`${req.method} ${path}`) {
    case 'GET /':
      return answer(200, {
        service: 'sandbox',
        stands_in_for: ['anthropic', 'openai'],
        control: ['/sandbox/faults', '/sandbox/calls'],
      });
    case 'GET /sandbox/faults':
      return answer(200, faults.current());
    case 'PUT /sandbox/faults':
      try {
        faults.set(JSON.parse((await readBody(req, MAX_PLAN_BYTES)).toString()));
        return answer(200, faults.current());
      } catch (error) {
        return answer(400, { error: { message: (error as Error).message } });
      }
    case 'DELETE /sandbox/faults':
      faults.clear();
      return answer(200, faults.current());
    case 'GET /sandbox/calls':
      return answer(200, ledger());
    case 'DELETE /sandbox/calls':
      calls.reset();
      return answer(200, ledger());
    default:
      return answer(404, { error: { message: `The sandbox has no ${req.method} ${path}` } });
  }

  function answer(status: number, value: object): void {
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }
}
