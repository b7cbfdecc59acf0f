import 'server-only'
import { processState } from '@/db/process-state'

// Without a library: prom-client needs Node.js 22, and its version for Node.js 20 is deprecated.
// https://prometheus.io/docs/instrumenting/exposition_formats/

/** Their values come from fixed sets, so that there are few series and no value needs escaping. */
type Labels = Record<string, string | number>

class Metric {
  readonly #samples = new Map<string, number>()

  constructor(
    readonly name: string,
    readonly type: 'counter' | 'gauge' | 'histogram',
    readonly help: string,
  ) {}

  add(by: number, labels: Labels = {}, suffix = '') {
    const text = Object.entries({ ...ofProcess(), ...labels }).map(([name, value]) => `${name}="${value}"`)
    const sample = `${this.name}${suffix}${text.length ? `{${text}}` : ''}`
    this.#samples.set(sample, (this.#samples.get(sample) ?? 0) + by)
  }

  read(): [string, string] {
    const samples = [...this.#samples].map(([sample, value]) => `${sample} ${value}\n`)
    return [`# HELP ${this.name} ${this.help}\n# TYPE ${this.name} ${this.type}\n`, samples.join('')]
  }
}

/** The label of this process if the site has several (primary.ts). */
function ofProcess(): Labels {
  const { PARLEY_PROCESS } = process.env
  return PARLEY_PROCESS ? { process: PARLEY_PROCESS } : {}
}

/** What this process has counted since it started; undefined if no setting allows reading it. */
// Without env.ts, because scripts log errors too and have no site settings.
const metrics = () => (process.env.PARLEY_METRICS_TOKEN ? processState('metrics', makeMetrics) : undefined)

const makeMetrics = () => ({
  requests: new Metric(
    'parley_request_duration_seconds',
    'histogram',
    'Time from a request to the end of its answer; for streams, how long they lived.',
  ),
  messages: new Metric('parley_messages_total', 'counter', 'Messages stored.'),
  errors: new Metric('parley_errors_total', 'counter', 'Errors logged, by where they happened.'),
  streams: new Metric('parley_streams', 'gauge', 'Streams that are open.'),
})

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 300]

export type AnsweredRequest = { method: string; route: string; status: number; seconds: number }

export function countRequest({ seconds, ...labels }: AnsweredRequest) {
  const requests = metrics()?.requests
  for (const le of [...bounds, '+Inf'])
    requests?.add(le === '+Inf' || seconds <= Number(le) ? 1 : 0, { ...labels, le }, '_bucket')
  requests?.add(seconds, labels, '_sum')
  requests?.add(1, labels, '_count')
}

export const countMessage = () => metrics()?.messages.add(1)

export const countError = (event: string) => metrics()?.errors.add(1, { event })

/** @param change 1 for a stream that opened, -1 for one that ended */
export const countStream = (change: 1 | -1) => metrics()?.streams.add(change)

/** For each metric its description and its samples, in Prometheus' text format. */
export type Counted = [description: string, samples: string][]

/** The metrics of this process; undefined if they are off. */
export function readMetrics(): Counted | undefined {
  const counted = metrics()
  if (!counted) return undefined
  const { user, system } = process.cpuUsage()
  const cpu = new Metric('process_cpu_seconds_total', 'counter', 'Processor time used.')
  cpu.add((user + system) / 1e6)
  const memory = new Metric('process_resident_memory_bytes', 'gauge', 'Memory in use.')
  memory.add(process.memoryUsage.rss())
  return [...Object.values(counted), cpu, memory].map((metric) => metric.read())
}

/** Joins the metrics of several processes, because the samples of a metric must follow each other. */
export function joinMetrics(processes: (Counted | undefined)[]) {
  const samples = new Map<string, string>()
  for (const [description, more] of processes.flatMap((counted) => counted ?? []))
    samples.set(description, (samples.get(description) ?? '') + more)
  return [...samples].flat().join('')
}
