import { answerInvitation } from '@/lib/invitations'
import { api, signedIn } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedIn(async (user, { id, json }) => {
    const conversationId = await answerInvitation(user, id, await json())
    return Response.json(conversationId ? { conversation: { id: conversationId } } : {})
  }),
})
