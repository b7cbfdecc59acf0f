import { deleteAccount } from '@/lib/deletion'
import { loadMe } from '@/lib/overview'
import { api, noContent, signedInByToken } from '@/lib/web/api'
import { realtimeAddress } from '@/lib/web/realtime-address'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(async (user, { request, query }) =>
    Response.json({ ...(await loadMe(user, query)), realtime: realtimeAddress(request.headers) }),
  ),
  DELETE: signedInByToken(async (user, { json }) => {
    await deleteAccount(user, await json())
    return noContent()
  }),
})
