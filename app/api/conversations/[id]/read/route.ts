import { markRead } from '@/lib/receipts'
import { api, noContent, signedIn } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedIn(async (user, { id, json }) => {
    await markRead(user, id, await json())
    return noContent()
  }),
})
