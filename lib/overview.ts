import 'server-only'
import { getUser } from './accounts'
import { listConversations } from './conversations'
import { listInvitations } from './invitations'
import { spend } from './limits'
import type { CurrentUser } from './login-sessions'
import { markDelivered } from './receipts'

/**
 * What a client asks for after logging in or a break: the person and their overview.
 * @throws {Refusal} 429
 */
export async function loadMe(user: CurrentUser) {
  await spend('me', user)
  const [profile, overview] = await Promise.all([getUser(user.id), loadOverview(user)])
  return { user: profile, ...overview }
}

/** All that logging in loads. What was sent to the person counts as delivered from here on. */
export async function loadOverview(user: CurrentUser) {
  const [conversations, invitations] = await Promise.all([
    listConversations(user),
    listInvitations(user),
    markDelivered(user),
  ])
  return { conversations, invitations }
}
