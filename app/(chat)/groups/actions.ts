'use server'

import { redirect } from 'next/navigation'
import { removeFromGroup, setRole } from '@/lib/group-members'
import { createGroup as create, inviteToGroup as invite, renameGroup as rename } from '@/lib/groups'
import { showChange, userAction } from '@/lib/web/form-action'

export const createGroup = userAction(async (user, { title, people = '', username = '' }) => {
  const usernames = `${people},${username}`
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const { conversation } = await create(user, { title, usernames })
  redirect(`/c/${conversation.id}`)
})

export const renameGroup = userAction(async (user, { id = '', ...values }) => {
  await rename(user, id, values)
  return showChange()
})

export const inviteToGroup = userAction(async (user, { id = '', ...values }) => {
  const { invitee } = await invite(user, id, values)
  return { notice: `Invitation sent to ${invitee.name}.` }
})

export const changeRole = userAction(async (user, { id = '', person = '', role }) => {
  await setRole(user, id, person, { role })
  return showChange()
})

export const removeMember = userAction(async (user, { id = '', person = '' }) => {
  await removeFromGroup(user, id, person)
  return showChange()
})

/** Asks first, and leaves when the form is sent again. */
export const leaveGroup = userAction(async (user, { id = '', isSure }) => {
  if (!isSure) return { result: 'ask' }
  await removeFromGroup(user, id, 'me')
  redirect('/')
})
