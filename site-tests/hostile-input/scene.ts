import { renameGroup } from '@/lib/groups'
import { invite } from '@/lib/invitations'
import { makeLink } from '@/lib/links'
import { joinRoom } from '@/lib/rooms'
import { friends, makeGroup, onlinePerson, person, say, type TestPerson, unique } from '@/testing/people'

/** Ada with a conversation, a room and a group, and `othersId`, a conversation that she is not in. */
export async function createScene() {
  const room = `room-${unique()}`
  const [{ ada, bob, id }, others] = await Promise.all([friends(), friends('cyd', 'dan')])
  await say(bob, id)
  await say(ada, id)
  const { id: roomId } = await joinRoom(ada, { name: room })
  await say(ada, roomId)
  const groupId = await makeGroup(ada, bob)
  await renameGroup(ada, groupId, { title: 'Picnic' })
  const operator = await person('oda', { siteRole: 'operator' })
  const { token } = await makeLink(operator, { uses: 100, into: 'me' })
  return { ada, bob, conversationId: id, othersId: others.id, room, groupId, token }
}

export type Scene = Awaited<ReturnType<typeof createScene>>

/** A new pending invitation to the person. @returns its id */
export async function invitationTo({ username }: TestPerson) {
  const result = await invite(await onlinePerson('eve'), { username, leave: true })
  if (!('invitation' in result)) throw new Error(`Nobody was invited: ${result.outcome}`)
  return result.invitation.id
}

/** The path of every page and of the streams and messages below it. */
export const pagePaths = ({ conversationId, room, groupId, token }: Scene) => [
  '/',
  '/register',
  '/login',
  '/people',
  '/invitations',
  '/settings',
  '/settings/data',
  '/settings/data/delete',
  `/c/${conversationId}`,
  `/c/${conversationId}/messages`,
  `/c/${conversationId}/live`,
  ...['', '/edit', '/delete', '/versions', '/report'].flatMap((rest) => [
    `/c/${conversationId}/m/2${rest}`,
    `/room/${room}/m/1${rest}`,
  ]),
  '/groups/new',
  `/join/${token}`,
  `/c/${groupId}`,
  `/c/${groupId}/live`,
  `/c/${groupId}/people`,
  '/guest',
  '/rooms',
  `/room/${room}`,
  `/room/${room}/live`,
  `/room/free-${room}`,
]
/** Whether signed-in people are redirected away from the page. */
export const isForSignedOut = (path: string) => /^.(login|register|guest)\b/.test(path)
