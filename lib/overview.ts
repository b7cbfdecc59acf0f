import 'server-only'
import { getUser } from './accounts'
import { findConversation, listConversations, listFullConversations } from './conversations'
import { listInvitations } from './invitations'
import { spend } from './limits'
import { logError } from './log'
import type { CurrentUser } from './login-sessions'
import { markDelivered } from './receipts'

/**
 * What a client of the API asks for after logging in or a break: the person and their overview.
 * @throws {Refusal} 429
 */
export async function loadMe(user: CurrentUser) {
  await spend('me', user)
  const [profile, conversations, invitations] = await Promise.all([
    getUser(user.id),
    listFullConversations(user),
    listInvitations(user),
  ])
  noteDelivered(user)
  return { user: profile, conversations, invitations }
}

/**
 * What an open page asks for after a break: the overview, and the conversation that it shows, if it does.
 * @throws {Refusal} 429
 */
export async function loadPage(user: CurrentUser, openId = '') {
  await spend('me', user)
  const [overview, open = null] = await Promise.all([loadOverview(user), findConversation(user, openId)])
  return { userId: user.id, loginSessionId: user.loginSessionId, ...overview, open }
}

/** All that logging in loads, for pages. What was sent to the person counts as delivered from here on. */
export async function loadOverview(user: CurrentUser) {
  const [conversations, invitations] = await Promise.all([listConversations(user), listInvitations(user)])
  const isBehind = conversations.some(({ receipts, lastSeq }) =>
    receipts.some(({ userId, lastDeliveredSeq }) => userId === user.id && lastDeliveredSeq < lastSeq),
  )
  if (isBehind) noteDelivered(user)
  return { conversations, invitations }
}

/** Not awaited: no answer needs it. */
function noteDelivered(user: CurrentUser) {
  markDelivered(user).catch((error) => logError('overview.deliver', error))
}
