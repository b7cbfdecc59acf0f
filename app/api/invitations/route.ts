import { Refusal } from '@/lib/errors'
import { type InviteOutcome, invite } from '@/lib/invitations'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { json }) => {
    const result = await invite(user, await json())
    if (result.outcome !== 'sent' && result.outcome !== 'left') throw conflict(result)
    return Response.json(result.invitation, { status: 201 })
  }),
})

function conflict(result: Exclude<InviteOutcome, { outcome: 'sent' | 'left' }>) {
  const { name } = result.person
  switch (result.outcome) {
    case 'offline':
      return new Refusal(409, `${name} is offline: no conversation can start now.`, {
        details: { reason: 'offline' },
      })
    case 'conversation':
      return new Refusal(409, `You have a conversation with ${name}.`, {
        details: { reason: 'conversation', conversation: { id: result.conversationId } },
      })
    case 'pending':
      return new Refusal(409, `There is a pending invitation between you and ${name}.`, {
        details: { reason: 'pending', invitation: result.invitation },
      })
  }
}
