import { loadPage } from '@/lib/overview'
import { api, signedInBrowser } from '@/lib/web/api'

/** Brings an open page up to date after a break, and every few seconds while Soketi is down. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInBrowser(async (user, { query }) => Response.json(await loadPage(user, query.open))),
})
