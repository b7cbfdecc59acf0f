import { listMessages } from '@/lib/history'
import { sendMessage } from '@/lib/messages'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(async (user, { params, query }) =>
    Response.json(await listMessages(user, params.id, query)),
  ),
  POST: signedInByToken(async (user, { params, json }) => {
    const { message, isNew } = await sendMessage(user, params.id, await json())
    return Response.json(message, { status: isNew ? 201 : 200 })
  }),
})
