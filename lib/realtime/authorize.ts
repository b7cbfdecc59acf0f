import 'server-only'
import { z } from 'zod'
import { enterRoom } from '@/lib/attendance'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { check } from '@/lib/fields'
import { spend } from '@/lib/limits'
import { isMember, isMemberOfOpen } from '@/lib/memberships'
import { noteSeen } from '@/lib/presence'
import { isRoom } from '@/lib/rooms'
import { parseAttendance, parseChannel, peopleChannel } from './channels'
import { ownsSocket } from './sockets'
import { soketi } from './soketi'

export const socketRequest = z.object({
  socket_id: z.string('Give the socket’s id.').regex(/^\d{1,20}\.\d{1,20}$/, 'Give the socket’s id.'),
  channel_name: z.string().max(200, 'There is no such channel.').optional(),
})

/**
 * Authorizes a subscription to `channel_name`, or signs the socket in if there is none.
 * @throws {Refusal} 403 if this person may not subscribe to the channel, or the socket belongs to another login session
 */
export async function authorizeSocket(user: CurrentUser, input: unknown) {
  const { socket_id, channel_name } = check(socketRequest, input)
  await spend('authorize', user)
  if (!(await ownsSocket(user, socket_id)))
    throw new Refusal(403, 'This connection belongs to another login session.')
  // Signed in as its login session, so that ending the session closes its sockets and no others.
  if (channel_name === undefined) {
    await noteSeen([user.id])
    return soketi().authenticateUser(socket_id, { id: user.loginSessionId })
  }
  if (!(await maySubscribe(user, channel_name)))
    throw new Refusal(403, 'You may not subscribe to this channel.')
  const { id, username, name } = user
  const member = { user_id: id, user_info: { id, username, name } }
  return soketi().authorizeChannel(
    socket_id,
    channel_name,
    channel_name.startsWith('presence-') ? member : undefined,
  )
}

async function maySubscribe(user: CurrentUser, name: string) {
  if (name === peopleChannel) return true
  const attendance = parseAttendance(name)
  if (attendance) return attendance.userId === user.id && mayAttend(user, attendance.conversationId)
  const channel = parseChannel(name)
  if (!channel) return false
  if (channel.kind === 'private-user') return channel.id === user.id
  // After a block, neither person may see whether the other is there or typing.
  if (channel.kind === 'presence-conversation') return isMemberOfOpen(user.id, channel.id)
  return isMember(user.id, channel.id)
}

/** Subscribing to one's attendance channel joins the room. */
async function mayAttend(user: CurrentUser, conversationId: string) {
  if (!(await isRoom(conversationId))) return false
  await enterRoom(user, conversationId)
  return true
}
