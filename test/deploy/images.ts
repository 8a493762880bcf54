/**
 * What an image expects, after its own documentation and Dockerfile: nothing here can be tried without a Docker daemon.
 * docker-compose.yml is checked against it.
 */
export interface Image {
  /** Who the process runs as; the image's folders for writing belong to it, and named volumes take that owner over. */
  user: string;
  /** The only folder that it may write to, or undefined where it writes nothing here. */
  writes?: string;
  /** Where it looks for its configuration. */
  reads: string[];
  /** Ports that it listens on when nothing is said. */
  listens: number[];
  /** Programs in it that a health check may run. */
  programs: string[];
}

export const IMAGES: Record<string, Image> = {
  // github.com/redis/docker-library-redis: the entrypoint drops from root to `redis`; started as `redis` it needs no root.
  redis: { user: 'redis', writes: '/data', reads: [], listens: [6379], programs: ['redis-cli'] },
  // github.com/open-telemetry/opentelemetry-collector-releases, distributions/otelcol-contrib/Dockerfile: from scratch.
  'otel/opentelemetry-collector-contrib': {
    user: '10001',
    reads: ['/etc/otelcol-contrib/config.yaml'],
    listens: [],
    programs: [],
  },
  // github.com/prometheus/prometheus, Dockerfile.
  'prom/prometheus': {
    user: 'nobody',
    writes: '/prometheus',
    reads: ['/etc/prometheus/prometheus.yml', '/etc/prometheus/alerts'],
    listens: [9090],
    programs: ['/bin/promtool'],
  },
  // github.com/prometheus/alertmanager, Dockerfile.
  'prom/alertmanager': {
    user: 'nobody',
    writes: '/alertmanager',
    reads: ['/etc/alertmanager/alertmanager.yml'],
    listens: [9093],
    programs: ['/bin/amtool'],
  },
  // github.com/grafana/tempo, cmd/tempo/Dockerfile: the configuration is where -config.file says.
  'grafana/tempo': { user: '10001', writes: '/var/tempo', reads: ['/etc/tempo.yml'], listens: [], programs: [] },
  // github.com/grafana/loki, cmd/loki/Dockerfile: no shell; since 3.6.5 it asks itself with -health.
  'grafana/loki': {
    user: '10001',
    writes: '/loki',
    reads: ['/etc/loki/local-config.yaml'],
    listens: [],
    programs: ['/usr/bin/loki'],
  },
  // grafana.com/docs/grafana/latest/setup-grafana/configure-docker: user 472; the image is Alpine, with BusyBox' wget.
  'grafana/grafana': {
    user: '472',
    writes: '/var/lib/grafana',
    reads: ['/etc/grafana/provisioning', '/etc/grafana/dashboards'],
    listens: [3000],
    programs: ['wget'],
  },
  // Our own Dockerfile.
  'learning-voice-agent': { user: 'node', writes: '/data', reads: [], listens: [], programs: ['node'] },
  'learning-voice-agent-sandbox': { user: 'node', reads: [], listens: [], programs: ['node'] },
};
