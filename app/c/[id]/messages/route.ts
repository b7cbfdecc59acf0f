import { listMessages } from '@/lib/messages'
import { api, signedInBrowser } from '@/lib/web/api'

/** Messages for the conversation's own page: older ones, and those it missed. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInBrowser(async (user, { id, query }) =>
    Response.json({ messages: await listMessages(user, id, query) }),
  ),
})
