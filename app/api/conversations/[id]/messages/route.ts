import { listMessages, sendMessage } from '@/lib/messages'
import { api, signedIn } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedIn(async (user, { id, query }) =>
    Response.json({ messages: await listMessages(user, id, query) }),
  ),
  POST: signedIn(async (user, { id, json }) => {
    const { message, isNew } = await sendMessage(user, id, await json())
    return Response.json(message, { status: isNew ? 201 : 200 })
  }),
})
