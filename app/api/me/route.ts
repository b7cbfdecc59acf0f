import { loadMe } from '@/lib/overview'
import { api, signedIn } from '@/lib/web/api'
import { realtimeAddress } from '@/lib/web/realtime-address'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedIn(async (user, { request }) =>
    Response.json({ ...(await loadMe(user)), realtime: realtimeAddress(request.headers) }),
  ),
})
