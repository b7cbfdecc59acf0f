import { markRead } from '@/lib/receipts'
import { api, noContent, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { params, json }) => {
    await markRead(user, params.id, await json())
    return noContent()
  }),
})
