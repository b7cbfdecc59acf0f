'use server'

import { redirect } from 'next/navigation'
import { Refusal } from '@/lib/errors'
import { answerInvitation } from '@/lib/invitations'
import { showChange, userAction } from '@/lib/web/form-action'

export const answer = userAction(async (user, { id = '', ...values }) => {
  const conversationId = await answerInvitation(user, id, values).catch(settledBefore)
  if (conversationId) redirect(`/c/${conversationId}`)
  return showChange()
})

/** Who accepts twice, or after the other did, gets to the conversation all the same; else to what came of it. */
function settledBefore(error: unknown) {
  if (!(error instanceof Refusal && error.status === 409)) throw error
  return error.details?.conversation?.id ?? redirect('/invitations')
}
