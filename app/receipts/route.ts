import { Refusal } from '@/lib/errors'
import { reportReceipts } from '@/lib/receipts'
import { api, requireFromHere } from '@/lib/web/api'
import { userOf } from '@/lib/web/session-cookie'

/** Takes what an open page reports about what was delivered and read. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: async ({ request, json }) => {
    requireFromHere(request)
    // Also proves that a page of this site asks, because no other site's page can set it.
    const reader = request.headers.get('parley-user')
    if (!reader) throw new Refusal(400, 'Only pages of this site may use this path.')
    const user = await userOf(request.headers)
    // Somebody else may have logged in, in another tab, since the page was loaded.
    if (user?.id !== reader) return Response.json({ isSignedOut: true })
    await reportReceipts(user, await json())
    return Response.json({})
  },
})
