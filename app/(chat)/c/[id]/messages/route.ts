import { sendTo } from '@/app/conversation/send'
import { listMessages } from '@/lib/messages'
import { api, signedInBrowser } from '@/lib/web/api'

/** Used by the conversation's page: loads older and missed messages, and sends new ones. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInBrowser(async (user, { id, query }) =>
    Response.json({ messages: await listMessages(user, id, query) }),
  ),
  POST: sendTo((_user, id, send) => send(id)),
})
