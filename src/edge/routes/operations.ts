import type { Health } from '../health.ts';
import type { Route } from './route.ts';

export type OperationsDeps = {
  health: Health;
  /** The Prometheus text of everything that was recorded. */
  metricsText: () => Promise<string>;
  metricsJson: () => Promise<object>;
  /** Says whether turns are accepted. */
  ready: () => boolean;
};

/** For operators and orchestrators; none of it counts as traffic, and none of it is limited. */
export function operationsRoutes({ health, metricsText, metricsJson, ready }: OperationsDeps): Route[] {
  return [
    {
      path: '/metrics',
      access: 'unlimited',
      methods: {
        get: [
          async (_req, res) => {
            res.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText());
          },
        ],
      },
    },
    {
      path: '/api/metrics',
      access: 'unlimited',
      methods: {
        get: [
          async (_req, res) => {
            res.json(await metricsJson());
          },
        ],
      },
    },
    {
      path: '/api/health',
      access: 'unlimited',
      methods: {
        get: [
          async (_req, res) => {
            const { httpStatus, body } = await health.report();
            res.status(httpStatus).json(body);
          },
        ],
      },
    },
    {
      path: '/livez',
      access: 'open',
      methods: {
        get: [
          (_req, res) => {
            res.json({ status: 'alive' });
          },
        ],
      },
    },
    {
      path: '/readyz',
      access: 'open',
      methods: {
        get: [
          (_req, res) => {
            const accepting = ready();
            res.status(accepting ? 200 : 503).json({ status: accepting ? 'ready' : 'not_ready' });
          },
        ],
      },
    },
  ];
}
