'use server'

import { refresh } from 'next/cache'
import { redirect } from 'next/navigation'
import { changePassword, logIn, registerInto, updateProfile } from '@/lib/accounts'
import { createGuest } from '@/lib/guests'
import { endAllLoginSessions, endLoginSession } from '@/lib/login-sessions'
import { setUp } from '@/lib/setup'
import { signOut } from '@/lib/web/auth'
import { isScripted, publicAction, showChange, userAction } from '@/lib/web/form-action'
import { logInBrowser } from '@/lib/web/log-in'
import { currentUser } from '@/lib/web/page-user'

export const createAccount = publicAction(async (values, origin) => {
  const { user, conversationId } = await registerInto(values, origin)
  return logInBrowser(user.id, origin, conversationId ? `/c/${conversationId}` : values.from)
})

export const setUpSite = publicAction(async (values, origin) => {
  const user = await currentUser()
  const id = await setUp(user, values, origin)
  return id === user?.id ? redirect('/operator') : logInBrowser(id, origin, '/operator')
})

export const logInWithPassword = publicAction(async (values, origin) => {
  const { id } = await logIn(values, origin)
  return logInBrowser(id, origin, values.from)
})

export const continueAsGuest = publicAction(async ({ username, from }, origin) => {
  const { id } = await createGuest({ username: username || undefined }, origin)
  return logInBrowser(id, origin, from)
})

/** Takes no form state, because it cannot be refused. */
export async function logOut() {
  await leave({}, new FormData())
}

const leave = userAction(async (user) => {
  await endLoginSession(user, user.loginSessionId)
  return signOut({ redirectTo: '/login' })
})

export const saveProfile = userAction(async (user, values) => {
  await updateProfile(user, values)
  if (await isScripted()) refresh()
  return { notice: 'Saved.' }
})

export const savePassword = userAction(async (user, values) => {
  await changePassword(user, values)
  if (await isScripted()) refresh()
  return {
    notice: user.isGuest
      ? 'You have an account now.'
      : 'Your password is changed, and you are logged out everywhere else.',
  }
})

export const endSession = userAction(async (user, { id = '' }) => {
  await endLoginSession(user, id)
  if (id === user.loginSessionId) return signOut({ redirectTo: '/login' })
  return showChange()
})

export const endEverySession = userAction(async (user) => {
  await endAllLoginSessions(user)
  return signOut({ redirectTo: '/login' })
})
