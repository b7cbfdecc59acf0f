import 'server-only'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

// The framework loads this module once for each of its bundles; the process has one of each number.
const shared = globalThis as { parleyMetrics?: ReturnType<typeof makeMetrics> }

/** What this process has counted since it began; nothing is where nobody may ask. */
function metrics() {
  // Not by env.ts: scripts that have none of the site's settings log errors too.
  if (process.env.PARLEY_METRICS_TOKEN) shared.parleyMetrics ??= makeMetrics()
  return shared.parleyMetrics
}

function makeMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: new Histogram({
      name: 'parley_request_duration_seconds',
      help: 'Time from a request to the end of its answer; for streams, how long they lived.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300],
      registers,
    }),
    messages: new Counter({ name: 'parley_messages_total', help: 'Messages stored.', registers }),
    errors: new Counter({
      name: 'parley_errors_total',
      help: 'Errors logged, by where they happened.',
      labelNames: ['event'] as const,
      registers,
    }),
    streams: new Gauge({ name: 'parley_streams', help: 'Streams that are open.', registers }),
  }
}

export type AnsweredRequest = { method: string; route: string; status: number; seconds: number }

export const countRequest = ({ seconds, ...labels }: AnsweredRequest) =>
  metrics()?.requests.observe(labels, seconds)

export const countMessage = () => metrics()?.messages.inc()

export const countError = (event: string) => metrics()?.errors.inc({ event })

/** @param change 1 for a stream that opened, -1 for one that ended */
export const countStream = (change: 1 | -1) => metrics()?.streams.inc(change)

/** Everything counted, in the text format of Prometheus; nothing where the metrics are off. */
export async function readMetrics() {
  const registry = metrics()?.registry
  return registry && { type: registry.contentType, text: await registry.metrics() }
}
