import { loadMe } from '@/lib/overview'
import { api, signedInByToken } from '@/lib/web/api'
import { realtimeAddress } from '@/lib/web/realtime-address'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(async (user, { request, query }) =>
    Response.json({ ...(await loadMe(user, query)), realtime: realtimeAddress(request.headers) }),
  ),
})
