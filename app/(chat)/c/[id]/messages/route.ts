import { sendTo } from '@/app/conversation/send'
import { listMessages } from '@/lib/history'
import { api, signedInByCookie } from '@/lib/web/api'

/** Used by the conversation's page: loads older and missed messages, and sends new ones. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByCookie(async (user, { params, query }) =>
    Response.json(await listMessages(user, params.id, query)),
  ),
  POST: sendTo((_user, { id }, send) => send(id)),
})
