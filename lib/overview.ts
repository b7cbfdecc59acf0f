import 'server-only'
import { listConversations } from './conversations'
import { listInvitations } from './invitations'
import type { CurrentUser } from './login-sessions'
import { markDelivered } from './receipts'

/** All that logging in loads. What was sent to the person counts as delivered from here on. */
export async function loadOverview(user: CurrentUser) {
  const [conversations, invitations] = await Promise.all([
    listConversations(user),
    listInvitations(user),
    markDelivered(user),
  ])
  return { conversations, invitations }
}
