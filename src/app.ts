import { createServer } from 'node:http';
import { createMemoryCache } from './adapters/memory-cache.ts';
import { createRedisCache } from './adapters/redis-cache.ts';
import { createSqlStore } from './adapters/sql-store.ts';
import { createClosing } from './closing.ts';
import type { Config } from './config.ts';
import { createBudget } from './conversation/budget.ts';
import { createContext } from './conversation/context.ts';
import { createConversation } from './conversation/create-conversation.ts';
import { createPriceTable, loadPrices } from './conversation/pricing.ts';
import { createSessions } from './conversation/sessions.ts';
import { createTurn } from './conversation/turn.ts';
import { createAuth } from './edge/auth.ts';
import { createHealth } from './edge/health.ts';
import { createHttp } from './edge/http.ts';
import { createLimits } from './edge/limits.ts';
import { closeServer, listen } from './edge/listen.ts';
import { createSocket } from './edge/socket.ts';
import { Cancelled } from './errors.ts';
import type { Logger } from './log.ts';
import { startProviders } from './providers.ts';
import { metricsReport } from './telemetry/report.ts';
import { SERVICE_NAME, type Telemetry } from './telemetry/sdk.ts';
import { watchCache } from './telemetry/watch/cache.ts';
import { watchEdge } from './telemetry/watch/edge.ts';
import { createErrorReporter } from './telemetry/watch/errors.ts';
import { observeGauges } from './telemetry/watch/gauges.ts';
import { watchQueries } from './telemetry/watch/queries.ts';
import { watchSessions } from './telemetry/watch/sessions.ts';
import { watchTurns } from './telemetry/watch/turn.ts';

export type App = {
  url: string;
  /** Refuses new turns, drains those in flight, closes everything last-in-first-out; false when something had to be cut off. */
  stop(withinMs: number): Promise<boolean>;
};

/** Sessions whose context is kept in memory where no Redis is configured. */
const MEMORY_SESSIONS = 10_000;
const CLOSE_DEADLINE_MS = 2_000;
const FIRST_PUSH_DEADLINE_MS = 1_000;
const UNWIND_WITHIN_MS = 5_000;

/** The composition root: every concrete part, in the order of its start. A step that fails undoes those before it. */
export async function startApp(deps: {
  config: Config;
  telemetry: Telemetry;
  log: Logger;
  version: string;
}): Promise<App> {
  const { config, telemetry, log, version } = deps;
  const { instruments } = telemetry;
  const prices = createPriceTable(loadPrices(config.PRICES_FILE), (model) =>
    log.warn({ model: model.slice(0, 64) }, 'no price for this model: its costs are not counted; see PRICES_FILE'),
  );
  const closing = createClosing(log);
  closing.push('telemetry', () => telemetry.shutdown(CLOSE_DEADLINE_MS).then(() => {}), CLOSE_DEADLINE_MS + 500);
  try {
    const reporter = createErrorReporter(instruments, log);
    telemetry.onExportChange((up, error) => {
      if (up) log.info('the collector takes our telemetry');
      else
        log.warn(
          { cause: error?.message.slice(0, 200) },
          'the collector does not take our telemetry; counters go on and catch up',
        );
    });

    const store = await createSqlStore({ url: config.DATABASE_URL, log, onQuery: watchQueries(instruments) });
    closing.push('store', () => store.close());

    const cache = watchCache(
      config.REDIS_URL
        ? await createRedisCache({ url: config.REDIS_URL, ttlS: config.SESSION_TTL_S, log })
        : await createMemoryCache({ ttlS: config.SESSION_TTL_S, maxSessions: MEMORY_SESSIONS }),
      instruments,
    );
    closing.push('cache', () => cache.close());

    const { transcriber, responder, synthesizer } = await startProviders(config, telemetry, closing, log);

    const budget = createBudget({
      store,
      sessionUsd: config.BUDGET_SESSION_USD,
      monthUsd: config.BUDGET_MONTH_USD,
      onWarning: (warning) => log.warn(warning),
    });
    await budget.start();
    const sessions = createSessions({
      store,
      watcher: watchSessions(instruments),
      reporter,
      activeS: config.SESSION_ACTIVE_S,
    });
    closing.push('sessions', async () => sessions.stop());
    await store.expireIdle(new Date(Date.now() - config.SESSION_ACTIVE_S * 1000));

    const context = createContext({ cache, store, reporter });
    const turn = createTurn({
      transcriber,
      responder,
      synthesizer,
      context,
      store,
      budget,
      prices,
      watcher: watchTurns(telemetry, { firstResponseLimitS: config.SLO_FIRST_RESPONSE_S }),
      reporter,
      maxAudioS: config.MAX_AUDIO_S,
    });
    const conversation = createConversation({
      sessions,
      context,
      store,
      budget,
      turn,
      turnTimeoutS: config.TURN_TIMEOUT_S,
    });

    const health = createHealth({
      version,
      probes: {
        database: () => store.ping(),
        redis: config.REDIS_URL ? () => cache.ping() : undefined,
        claude: (signal) => responder.probe(signal),
        whisper: (signal) => transcriber.probe(signal),
      },
      metrics: () => ({
        active_sessions: sessions.active().length,
        active_websockets: socket.open,
        uptime_seconds: process.uptime(),
      }),
      telemetry: telemetry.exportStatus,
    });
    observeGauges(instruments, { store, sessions, spent: () => budget.ratios(sessions.active()), up: health.up });

    let accepting = false;
    const stopping = new AbortController();
    const watcher = watchEdge(telemetry);
    const auth = createAuth(config.AUTH_TOKENS);
    const limits = createLimits({ perMinute: config.RATE_LIMIT_PER_MIN, maxAudioS: config.MAX_AUDIO_S });
    const edge = {
      conversation,
      watcher,
      reporter,
      auth,
      limits,
      ready: () => accepting,
      stopping: stopping.signal,
      log,
    };
    const http = createHttp({
      ...edge,
      store,
      health,
      info: { service: SERVICE_NAME, version, providers: config.PROVIDERS },
      metricsText: telemetry.text,
      metricsJson: async () =>
        metricsReport(await telemetry.collect(), {
          application: { name: SERVICE_NAME, version },
          month: budget.month(),
          outliers: telemetry.outliers.list(),
        }),
    });
    const server = createServer(http);
    closing.push('http', () => closeServer(server));
    const socket = createSocket(server, edge);
    closing.push('turns that took too long', async () => {
      stopping.abort(new Cancelled('shutdown'));
      await socket.close();
      await conversation.drain();
    });
    closing.push('turns in flight', () => conversation.drain(), config.SHUTDOWN_TIMEOUT_S * 1000);

    const url = await listen(server, config.PORT, config.HOST);
    // NOTE: Prometheus has to see the zeros before the first events, or increase() misses them; and nothing of a process that got no port.
    await telemetry.open(FIRST_PUSH_DEADLINE_MS);
    accepting = true;
    log.info({ url, providers: config.PROVIDERS }, 'ready');
    return {
      url,
      async stop(withinMs) {
        accepting = false;
        return closing.all(withinMs);
      },
    };
  } catch (error) {
    await closing.all(UNWIND_WITHIN_MS);
    throw error;
  }
}
