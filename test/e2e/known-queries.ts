/** Queries that operators of this agent have in their notebooks. */
export const QUERIES = [
  'rate(http_requests_total[5m])',
  'histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m]))',
  'rate(http_requests_total{status=~"5.."}[5m])',
  'rate(claude_api_calls_total{status="success"}[5m]) / rate(claude_api_calls_total[5m])',
  'avg(rate(claude_api_duration_seconds_sum[5m]) / rate(claude_api_duration_seconds_count[5m]))',
  'rate(claude_api_tokens_total[1h]) * 3600',
  'websocket_connections_active',
  'rate(websocket_messages_total[5m])',
  'histogram_quantile(0.95, rate(websocket_connection_duration_seconds_bucket[5m]))',
  'rate(database_queries_total[5m])',
  'sum(rate(database_queries_total[5m]))',
  'histogram_quantile(0.95, sum by (le) (rate(database_query_duration_seconds_bucket[5m])))',
  'cache_hit_ratio',
  'rate(cache_operations_total[5m])',
  'rate(cache_operations_total{status="miss"}[5m])',
  'sessions_active',
  'rate(sessions_total[5m])',
  'histogram_quantile(0.50, rate(session_duration_seconds_bucket[5m]))',
  'rate(conversation_exchanges_total[5m])',
  'histogram_quantile(0.50, rate(conversation_quality_score_bucket[5m]))',
  'sum by (intent) (rate(conversation_exchanges_total[5m]))',
  'rate(api_cost_total[1h]) * 3600',
  'increase(api_cost_total[24h])',
  'sum by (provider) (rate(api_cost_total[1h]) * 3600)',
  'rate(errors_total[5m])',
  'sum by (component) (rate(errors_total[5m]))',
  'rate(api_errors_total[5m])',
  'topk(5, histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])))',
];

/** The conditions of alerts in the same notebooks, in the order of docs/operations.md: no data is their good news. */
export const ALERTS = [
  'rate(errors_total[5m]) > 0.1',
  'rate(claude_api_calls_total{status="error"}[5m]) > 0.05',
  'cache_hit_ratio < 0.5',
  'histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 2',
  'rate(api_cost_total[1h]) * 720 > 10',
];

/** A condition that nobody is woken by. */
export const CONDITIONS = ['histogram_quantile(0.95, rate(database_query_duration_seconds_bucket[5m])) > 0.1'];

/** Queries from the same notebooks that give nothing however well the agent counts. */
export const BY_THEIR_OWN_FAULT = [
  'rate(claude_api_calls_total[5m]) / rate(http_requests_total[5m])',
  'rate(cache_operations_total[5m]) / rate(http_requests_total[5m])',
  'rate(prometheus_target_scrape_duration_seconds_sum[5m])',
];
