import { checkHealth } from '@/lib/health'
import { api } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: async () => {
    const health = await checkHealth()
    const isWell = Object.values(health).every((state) => state === 'ok')
    return Response.json(health, { status: isWell ? 200 : 503, headers: { 'cache-control': 'no-store' } })
  },
})
