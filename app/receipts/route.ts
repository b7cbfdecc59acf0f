import { reportReceipts } from '@/lib/receipts'
import { api, sentByPage } from '@/lib/web/api'

/** Takes what an open page reports about what was delivered and read. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: sentByPage(async (user, { json }) => {
    await reportReceipts(user, await json())
    return Response.json({})
  }),
})
