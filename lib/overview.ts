import 'server-only'
import { getUser } from './accounts'
import { enterRoom } from './attendance'
import { findConversation, listConversations, listFullConversations } from './conversations'
import type { CurrentUser } from './current-user'
import { Refusal } from './errors'
import { isId } from './fields'
import { listInvitations } from './invitations'
import { spend } from './limits'
import { logError } from './log'
import { listStatuses } from './presence'
import { markDelivered } from './receipts'
import { countOpenReports } from './reports'
import { isModerator } from './roles'
import { isRoom } from './rooms'
import { listUnread } from './unread'

/**
 * Loads what an API client needs after logging in or a break: the person and their overview. With `cursor`, a further
 * page of their conversations.
 * @throws {Refusal} 422 for a malformed cursor, 429
 */
export async function loadMe(user: CurrentUser, input: unknown) {
  await spend('me', user)
  const [profile, page, invitations] = await Promise.all([
    getUser(user.id),
    listFullConversations(user, input),
    listInvitations(user),
  ])
  startMarkDelivered(user)
  return { user: profile, ...page, invitations }
}

/**
 * Loads what an open page needs after a break: the overview, the conversation that it shows (`open`, an id), and the
 * statuses of the people that it lists (`people`, comma-separated ids).
 * @throws {Refusal} 429
 */
export async function loadPage(user: CurrentUser, shown: { open?: string; people?: string }) {
  await spend('me', user)
  const [overview, open = null, people] = await Promise.all([
    loadOverview(user),
    findOpen(user, shown.open ?? ''),
    listStatuses(idsIn(shown.people)),
  ])
  return { userId: user.id, loginSessionId: user.loginSessionId, ...overview, open, people }
}

/** More than any page lists. */
const mostPeople = 50

const idsIn = (list = '') => list.split(',').filter(isId).slice(0, mostPeople)

/** The conversation that a page shows. In a room, this also keeps a person whose page has no socket in the room. */
async function findOpen(user: CurrentUser, id: string) {
  if (await isRoom(id)) await enterRoom(user, id).catch(unlessRefused)
  return findConversation(user, id)
}

/** If joining the room is refused, the rest of the page is still updated. */
function unlessRefused(error: unknown) {
  if (!(error instanceof Refusal)) throw error
}

/** Loads a further page of the list, for an open page. @throws {Refusal} 422 for a malformed cursor, 429 */
export async function loadMore(user: CurrentUser, input: unknown) {
  await spend('me', user)
  return { userId: user.id, loginSessionId: user.loginSessionId, ...(await listConversations(user, input)) }
}

/**
 * Loads a page of conversations, how many messages are unread in others, invitations, and for moderators how many
 * reports are open, for pages. Marks the person's messages as delivered.
 */
export async function loadOverview(user: CurrentUser, input: unknown = {}) {
  const [page, unread, invitations, openReports] = await Promise.all([
    listConversations(user, input),
    listUnread(user),
    listInvitations(user),
    isModerator(user) ? countOpenReports() : undefined,
  ])
  if (unread[0]?.isUndelivered) startMarkDelivered(user)
  const listed = new Set(page.conversations.map(({ id }) => id))
  // Notices alone are not unread.
  const others = unread.filter(({ id, count }) => count && !listed.has(id))
  return {
    ...page,
    unread: Object.fromEntries(others.map(({ id, count }) => [id, count])),
    invitations,
    openReports,
  }
}

/** Not awaited, because the answer does not need it. */
function startMarkDelivered(user: CurrentUser) {
  markDelivered(user).catch((error) => logError('overview.deliver', error))
}
