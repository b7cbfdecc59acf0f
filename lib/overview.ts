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
import { isRoom } from './rooms'

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
 * What an open page asks for after a break: the overview, and what else it shows: a conversation, people (their ids
 * separated by commas).
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

/** No page lists more people. */
const mostPeople = 50

const idsIn = (list = '') => list.split(',').filter(isId).slice(0, mostPeople)

/** The conversation that a page shows. A page without a socket keeps its person in a room by asking. */
async function findOpen(user: CurrentUser, id: string) {
  if (await isRoom(id)) await enterRoom(user, id).catch(unlessRefused)
  return findConversation(user, id)
}

/** The person joins too many, or the room was removed meanwhile: the rest of the page comes up to date all the same. */
function unlessRefused(error: unknown) {
  if (!(error instanceof Refusal)) throw error
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
