import type { Report } from '../bench/report'
import { percentile } from '../bench/statistics'
import { type Operation, operations } from './operations'
import { type FilledSite, forgetLimits } from './sites'

const names = ['small', 'large'] as const
type Sites = Record<(typeof names)[number], FilledSite>
type Times = Record<keyof Sites, number[]>

/** Not more than a person or an address may send at once (lib/limits.ts). */
const roundLength = 25
/** PostgreSQL decides about a prepared statement's plan after five executions on a connection. */
const warmUp = 20

/** Sends each kind of request to both sites in turns, and reports how long they took. */
export async function measure(sites: Sites, rounds: number, report: Report) {
  const times = new Map<Operation, Times>(
    operations.map((operation) => [operation, { small: [], large: [] }]),
  )
  for (const operation of operations) await measureRound(sites, operation, 0, warmUp)
  for (let round = 0; round < rounds; round++)
    for (const [operation, { small, large }] of times) {
      const more = await measureRound(sites, operation, round * roundLength, roundLength)
      small.push(...more.small)
      large.push(...more.large)
    }
  report.table(
    `ms, of ${rounds * roundLength} requests each`,
    ['small p50', 'large p50', '÷', 'small p99', 'large p99', '÷'],
    [...times].map(([{ name }, each]) => [
      name,
      ...[0.5, 0.99].flatMap((part) => {
        const [small, large] = names.map((site) => percentile(each[site], part)) as [number, number]
        return [small.toFixed(1), large.toFixed(1), (large / small).toFixed(2)]
      }),
    ]),
  )
}

async function measureRound(
  sites: Sites,
  { prepare }: Operation,
  from: number,
  count: number,
): Promise<Times> {
  for (const name of names) await forgetLimits(sites[name].sql)
  const times: Times = { small: [], large: [] }
  for (let index = from; index < from + count; index++)
    // Each site is first in half of the turns, because work after an answer may delay the next request.
    for (const name of index % 2 ? names : names.toReversed()) {
      const send = await prepare(sites[name], index)
      const began = performance.now()
      await send()
      times[name].push(performance.now() - began)
    }
  return times
}
