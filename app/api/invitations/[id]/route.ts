import { answerInvitation } from '@/lib/invitations'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { params, json }) => {
    const conversationId = await answerInvitation(user, params.id, await json())
    return Response.json(conversationId ? { conversation: { id: conversationId } } : {})
  }),
})
