import { Refusal } from '@/lib/errors'
import { reportReceipts } from '@/lib/receipts'
import { api, noContent, signedInBrowser } from '@/lib/web/api'

/** Takes what an open page reports about what was delivered and read. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInBrowser(async (user, { request, json }) => {
    // Also proves that a page of this site asks, because no other site's page can set it.
    const reader = request.headers.get('parley-user')
    if (!reader) throw new Refusal(400, 'This path takes what the pages of this site send.')
    // Somebody else may have logged in, in another tab, since the page was loaded.
    if (reader !== user.id) throw new Refusal(401, 'Somebody else is logged in here now.')
    await reportReceipts(user, await json())
    return noContent()
  }),
})
