import { type Board, targets } from './board.ts';
import { collectorFlow, collectorHealth } from './collector.ts';
import { freshness, runtime } from './process.ts';

/** Whether the other boards can be believed. */
export const telemetry: Board = {
  uid: 'lva-telemetry',
  title: 'Learning voice agent: telemetry itself',
  description: 'The collector, the freshness of what agents tell, what gets lost on the way, and Node’s runtime.',
  rows: [
    { title: 'Freshness', panels: freshness },
    { title: 'Collector', height: 6, panels: collectorHealth },
    { title: 'What goes through the collector', height: 7, panels: collectorFlow },
    { title: 'Node’s runtime', panels: runtime },
    {
      title: 'Prometheus',
      height: 7,
      panels: [
        {
          key: 'scrape-duration',
          title: 'Time of a scrape',
          help: 'How long Prometheus takes to read each target; near the scrape timeout, scrapes start to fail.',
          kind: 'lines',
          unit: 's',
          width: 12,
          noValue: 'Prometheus has not scraped yet',
          queries: [{ expr: targets.gauge('max', 'scrape_duration_seconds', { by: ['job'] }), legend: '{{job}}' }],
        },
        {
          key: 'scrape-samples',
          title: 'Samples of a scrape',
          help: 'Series that each target brings, all agents together; a line that climbs is a label that grows.',
          kind: 'lines',
          unit: 'short',
          width: 12,
          noValue: 'Prometheus has not scraped yet',
          queries: [{ expr: targets.gauge('sum', 'scrape_samples_scraped', { by: ['job'] }), legend: '{{job}}' }],
        },
      ],
    },
  ],
};
