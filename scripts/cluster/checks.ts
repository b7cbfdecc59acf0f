import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  attendanceChannel,
  conversationChannel,
  peopleChannel,
  presenceChannel,
  userChannel,
} from '@/lib/realtime/channels'
import { typingEvent } from '@/lib/realtime/events'
import type { Invitation, User } from '@/lib/views'
import { eventually } from '@/testing/eventually'
import { createParticipant, createRoom, openDirect, type Participant } from '../faults/participants'
import { linesOf } from '../lines'
import type { Cluster } from './cluster'
import { Connection } from './connection'

/** By the contract, statuses and rooms are right this soon after a change. */
const statusMs = 10_000

type Scene = Awaited<ReturnType<typeof createScene>>

/** What works between people at different sites and nodes. Each check gets new people. */
export const checks: Record<string, (scene: Scene) => Promise<unknown>> = {
  'messages go both ways': async ({ ada, bob, direct }) => {
    await Promise.all([ada, bob].map((one) => one.subscribe(conversationChannel(direct.id))))
    const path = `/api/conversations/${direct.id}/messages`
    for (let count = 1; count <= 10; count++)
      await (count % 2 ? ada : bob).site.ask(path, { json: { body: `${count}` } })
    // Two sites may publish in another order than they store. Clients then put messages in order by their `seq`.
    for (const one of [ada, bob])
      for (let count = 1; count <= 10; count++)
        await one.receives('message.created', ({ seq }) => seq === count)
  },

  'receipts and typing': async ({ ada, bob, direct }) => {
    const channels = [conversationChannel(direct.id), presenceChannel(direct.id)]
    await ada.subscribe(...channels)
    await bob.subscribe(...channels)
    await ada.receives('pusher:member_added', ({ id }) => id === bob.person.id)
    bob.pusher.channel(presenceChannel(direct.id)).trigger(typingEvent, {})
    await ada.receives(typingEvent)
    await ada.site.ask(`/api/conversations/${direct.id}/messages`, { json: { body: 'hello' } })
    await bob.site.ask(`/api/conversations/${direct.id}/read`, { json: { seq: 1 } })
    await ada.receives(
      'receipt.updated',
      ({ userId, lastReadSeq }) => userId === bob.person.id && lastReadSeq === 1,
    )
  },

  'the status of a person': async ({ ada, bob }) => {
    await ada.subscribe(peopleChannel)
    await bob.subscribe(userChannel(bob.person.id))
    const status = async () => {
      const { users } = await ada.site.ask<{ users: User[] }>(`/api/users?q=${bob.person.username}`)
      return users[0]?.status
    }
    await eventually(async () => (await status()) === 'online')
    // Longer than a connection counts after it was last seen.
    await sleep(8000)
    assert.equal(await status(), 'online')
    bob.close()
    await eventually(async () => (await status()) === 'offline', statusMs)
    const isBob = ({ id, status }: User) => id === bob.person.id && status === 'offline'
    await ada.receives('status.changed', ({ people }) => (people as User[]).some(isBob))
  },

  'a logout closes the sockets at once': async ({ bob, first }) => {
    await bob.subscribe(userChannel(bob.person.id))
    const answer = await fetch(`${first}/api/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bob.person.token}` },
    })
    assert.equal(answer.status, 204)
    await eventually(() => bob.pusher.connection.state === 'disconnected', 2000)
  },

  'people join and leave a room': async ({ ada, bob, room }) => {
    const attend = async (one: Connection) => {
      await one.subscribe(attendanceChannel(room.id, one.person.id))
      await one.subscribe(conversationChannel(room.id))
    }
    await attend(ada)
    await attend(bob)
    await ada.receives('member.joined', ({ id }) => id === bob.person.id)
    bob.close()
    await ada.receives('member.left', ({ id }) => id === bob.person.id, statusMs)
  },

  'a stream shows what is sent at the other site': async ({ ada, bob, room }) => {
    const end = new AbortController()
    const bodies: string[] = []
    const stream = await ada.site.open(`/api/room/${room.room}`, end.signal)
    const reading = (async () => {
      for await (const line of linesOf(stream)) bodies.push(JSON.parse(line).body)
    })().catch(() => {})
    await bob.site.ask(`/api/room/${room.room}`, { json: { body: 'hello' } })
    await eventually(() => bodies.includes('hello'))
    end.abort()
    await reading
  },

  'an invitation and its answer': async ({ ada, cyd }) => {
    for (const one of [ada, cyd]) await one.subscribe(userChannel(one.person.id))
    const { username } = cyd.person
    const { id } = await ada.site.ask<Invitation>('/api/invitations', { json: { username, leave: true } })
    await cyd.receives('invitation.created')
    await cyd.site.ask(`/api/invitations/${id}`, { json: { answer: 'accept' } })
    await ada.receives('conversation.created')
    await cyd.receives('conversation.created')
  },

  'limits count at both sites together': async ({ ada, bob, first, second }) => {
    const search = async (url: string, { token }: Participant) => {
      const headers = { authorization: `Bearer ${token}` }
      return (await fetch(`${url}/api/users?q=a`, { headers })).status
    }
    for (let count = 0; (await search(count % 2 ? first : second, ada.person)) !== 429; count++)
      assert.ok(count < 500, 'The limit was not reached.')
    const statuses = await Promise.all([first, second].map((url) => search(url, ada.person)))
    assert.deepEqual(statuses, [429, 429])
    assert.equal(await search(first, bob.person), 200)
  },
}

let scenes = 0

/** Ada is at the first site and node, bob and cyd at the second ones. */
export async function createScene({ urls, nodes, env }: Cluster) {
  const [first = '', second = ''] = urls
  const number = ++scenes
  const [ada, bob, cyd] = (await Promise.all(
    ['ada', 'bob', 'cyd'].map((name) => createParticipant(`${name}-${number}`)),
  )) as [Participant, Participant, Participant]
  const connect = (person: Participant, index: 0 | 1) =>
    new Connection(person, urls[index] ?? '', nodes[index] ?? '', String(env.SOKETI_APP_KEY))
  const connections = { ada: connect(ada, 0), bob: connect(bob, 1), cyd: connect(cyd, 1) }
  return {
    first,
    second,
    direct: await openDirect(ada, bob),
    room: await createRoom(ada, `room-${number}`),
    ...connections,
    close() {
      for (const connection of Object.values(connections)) connection.close()
    },
  }
}
