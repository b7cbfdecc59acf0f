import cluster from 'node:cluster'
import { env } from '@/lib/env'
import { missing, Refusal } from '@/lib/errors'
import { ask } from '@/lib/ipc'
import { type Counted, joinMetrics, readMetrics } from '@/lib/metrics'
import { api, bearerToken } from '@/lib/web/api'
import { isSameSecret } from '@/lib/web/same-secret'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: async ({ request }) => {
    const { PARLEY_METRICS_TOKEN: token } = env()
    if (!token) throw missing('path')
    if (!isSameSecret(bearerToken(request), token))
      throw new Refusal(401, 'Send the token of the metrics: “Authorization: Bearer <token>”.')
    const text = joinMetrics(await countedByAll())
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
  },
})

/** What all processes of the site have counted, or only this one if the primary (primary.ts) does not answer. */
const countedByAll = () =>
  cluster.isWorker ? ask<Counted[]>(process, 'metrics', 2000).catch(() => [readMetrics()]) : [readMetrics()]
