'use server'

import { redirect } from 'next/navigation'
import { Refusal } from '@/lib/errors'
import { answerInvitation } from '@/lib/invitations'
import { showChange, userAction } from '@/lib/web/form-action'

export const answer = userAction(async (user, { id = '', ...values }) => {
  const conversationId = await answerInvitation(user, id, values).catch(conversationMadeBefore)
  if (conversationId) redirect(`/c/${conversationId}`)
  return showChange()
})

/** Who accepts twice, or after the other did, gets to the conversation all the same. */
function conversationMadeBefore(error: unknown) {
  if (error instanceof Refusal && error.details?.conversation) return error.details.conversation.id
  throw error
}
