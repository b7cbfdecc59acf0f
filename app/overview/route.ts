import { loadMore, loadPage } from '@/lib/overview'
import { api } from '@/lib/web/api'
import { userOf } from '@/lib/web/session-cookie'

/** Brings an open page up to date after a break, and every few seconds while Soketi is down; or extends its list. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: async ({ request, query }) => {
    const user = await userOf(request.headers)
    // With status 200, because browsers log other statuses as errors.
    if (!user) return Response.json({ isSignedOut: true })
    return Response.json(query.cursor ? await loadMore(user, query) : await loadPage(user, query))
  },
})
