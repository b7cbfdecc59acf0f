import { env } from '@/lib/env'
import { missing, Refusal } from '@/lib/errors'
import { readMetrics } from '@/lib/metrics'
import { api, bearerToken } from '@/lib/web/api'
import { isSameSecret } from '@/lib/web/same-secret'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: ({ request }) => {
    const metrics = readMetrics()
    const { PARLEY_METRICS_TOKEN: token } = env()
    if (!metrics || !token) throw missing('path')
    if (!isSameSecret(bearerToken(request), token))
      throw new Refusal(401, 'Send the token of the metrics: “Authorization: Bearer <token>”.')
    return new Response(metrics, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
  },
})
