'use server'

import { redirect } from 'next/navigation'
import { Refusal } from '@/lib/errors'
import { answerInvitation } from '@/lib/invitations'
import { showChange, userAction } from '@/lib/web/form-action'

export const answer = userAction(async (user, { id = '', ...values }) => {
  const conversationId = await answerInvitation(user, id, values).catch(openAnswered)
  if (conversationId) redirect(`/c/${conversationId}`)
  return showChange()
})

/**
 * If the invitation was answered before, returns the id of its conversation; without one, leads to the list that shows
 * the answer.
 */
function openAnswered(error: unknown) {
  if (!(error instanceof Refusal && error.status === 409)) throw error
  return error.details?.conversation?.id ?? redirect('/invitations')
}
