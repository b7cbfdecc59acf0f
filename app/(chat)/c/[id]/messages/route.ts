import { sendTo } from '@/app/conversation/send'
import { listMessages } from '@/lib/messages'
import { api, signedInBrowser } from '@/lib/web/api'

/** For the conversation's own page: older messages, those it missed, and those it sends. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInBrowser(async (user, { id, query }) =>
    Response.json({ messages: await listMessages(user, id, query) }),
  ),
  POST: sendTo((_user, id, send) => send(id)),
})
