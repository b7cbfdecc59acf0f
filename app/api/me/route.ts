import { getUser } from '@/lib/accounts'
import { loadOverview } from '@/lib/overview'
import { api, signedIn } from '@/lib/web/api'
import { realtimeAddress } from '@/lib/web/realtime-address'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedIn(async (user, { request }) => {
    const [profile, overview] = await Promise.all([getUser(user.id), loadOverview(user)])
    return Response.json({ user: profile, ...overview, realtime: realtimeAddress(request.headers) })
  }),
})
