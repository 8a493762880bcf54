/** What Grafana would fill in: windows, and the picked jobs and instances as regular expressions. */
export type Picked = {
  /** For `$__rate_interval`: at least four scrapes. */
  interval: string;
  /** For `$__range`, the span that is shown. */
  range?: string;
  job?: string;
  instance?: string;
};

/** A board's query as Prometheus takes it; throws when a variable is left, because Prometheus would not know it either. */
export function expand(expr: string, { interval, range = '1h', job = '.*', instance = '.*' }: Picked): string {
  const values: Record<string, string> = { __rate_interval: interval, __range: range, job, instance };
  return expr.replace(/\$(?:(\w+)|\{(\w+)\})/g, (found, plain, braced) => {
    const value = values[plain ?? braced];
    if (value === undefined) throw new Error(`${found} is no variable of the boards; it stands in ${expr}`);
    return value;
  });
}
