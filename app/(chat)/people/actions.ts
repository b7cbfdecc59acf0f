'use server'

import { redirect } from 'next/navigation'
import { blockPerson, unblockPerson } from '@/lib/blocking'
import { invite } from '@/lib/invitations'
import { showChange, userAction } from '@/lib/web/form-action'

export const invitePerson = userAction(async (user, values) => {
  const result = await invite(user, values)
  if (result.outcome === 'conversation') redirect(`/c/${result.conversationId}`)
  if (result.outcome === 'offline')
    return { alert: `${result.person.name} is offline: no conversation can start now`, result: 'offline' }
  return showChange()
})

export const block = userAction(async (user, { id = '' }) => {
  await blockPerson(user, id)
  return showChange()
})

export const unblock = userAction(async (user, { id = '' }) => {
  await unblockPerson(user, id)
  return showChange()
})
