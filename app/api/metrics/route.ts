import { createHash, timingSafeEqual } from 'node:crypto'
import { env } from '@/lib/env'
import { missing, Refusal } from '@/lib/errors'
import { readMetrics } from '@/lib/metrics'
import { api, bearerToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: ({ request }) => {
    const metrics = readMetrics()
    if (!metrics) throw missing('path')
    if (!isSame(bearerToken(request), env().PARLEY_METRICS_TOKEN))
      throw new Refusal(401, 'Send the token of the metrics: “Authorization: Bearer <token>”.')
    const headers = {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    }
    return new Response(metrics, { headers })
  },
})

const digest = (text: string) => createHash('sha256').update(text).digest()

/** How long it takes tells nothing of how much is right. */
const isSame = (given: string, token = '') => timingSafeEqual(digest(given), digest(token))
