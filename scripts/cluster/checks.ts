import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import PusherServer from 'pusher'
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
import { pause } from '../faults/faults'
import { createParticipant, createRoom, openDirect, type Participant } from '../faults/participants'
import { linesOf } from '../lines'
import type { Cluster } from './cluster'
import { Connection } from './connection'

/** By the contract, statuses and rooms are right this soon after a change. */
const statusMs = 10_000
/** Everything recovers from a fault within this time. */
const recoveryMs = 30_000

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
    // Rarely, because searches are limited.
    await eventually(async () => (await status()) === 'online', statusMs, 1000)
    // Longer than a connection counts after it was last seen.
    await sleep(8000)
    assert.equal(await status(), 'online')
    bob.close()
    await eventually(async () => (await status()) === 'offline', statusMs, 1000)
    const isBob = ({ id, status }: User) => id === bob.person.id && status === 'offline'
    await ada.receives('status.changed', ({ people }) => (people as User[]).some(isBob))
  },

  'a logout closes the sockets at once': async ({ bob, first }) => {
    await bob.subscribe(userChannel(bob.person.id))
    await logOut(first, bob.person)
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
    const invite = async (url: string, { token }: Participant) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ username: 'nobody' })
      return (await fetch(`${url}/api/invitations`, { method: 'POST', headers, body })).status
    }
    for (let count = 0; (await invite(count % 2 ? first : second, ada.person)) !== 429; count++)
      assert.ok(count < 100, 'The limit was not reached.')
    const statuses = await Promise.all([first, second].map((url) => invite(url, ada.person)))
    assert.deepEqual(statuses, [429, 429])
    assert.equal(await invite(first, bob.person), 404)
  },

  'while Redis hangs, nodes continue alone, and then all sockets reconnect': async (scene) => {
    const { ada, bob, cyd, direct, first, cluster } = scene
    for (const one of [ada, bob]) await one.subscribe(conversationChannel(direct.id))
    await cyd.subscribe(userChannel(cyd.person.id))
    const resume = pause(cluster.services.redis?.pid ?? 0)
    try {
      await eventually(async () => (await listChannels(cluster)).every((status) => status === 503))
      await ada.site.ask(`/api/conversations/${direct.id}/messages`, { json: { body: 'hello' } })
      await eventually(() => [ada, bob].some((one) => one.count('message.created') > 0))
      await logOut(first, cyd.person)
    } finally {
      resume()
    }
    await eventually(() => cyd.wasClosed, recoveryMs)
    const isReconnected = (one: Connection) => one.count('pusher:subscription_succeeded') > 1
    await eventually(() => [ada, bob].every(isReconnected), recoveryMs)
    await eventually(async () => (await listChannels(cluster)).every((status) => status === 200), recoveryMs)
  },
}

async function logOut(url: string, { token }: Participant) {
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await fetch(`${url}/api/logout`, { method: 'POST', headers })).status, 204)
}

/** The status with which each node answers the site's question for all channels. */
const listChannels = ({ nodes, env }: Cluster) =>
  Promise.all(
    nodes.map(async (node) => {
      const { hostname: host, port } = new URL(node)
      const api = new PusherServer({
        appId: String(env.SOKETI_APP_ID),
        key: String(env.SOKETI_APP_KEY),
        secret: String(env.SOKETI_APP_SECRET),
        host,
        port,
      })
      const answer = await api.get({ path: '/channels' }).catch((error) => error)
      return answer.status
    }),
  )

let scenes = 0

/** Ada is at the first site and node, bob and cyd at the second ones. */
export async function createScene(cluster: Cluster) {
  const { urls, nodes, env } = cluster
  const [first = '', second = ''] = urls
  const number = ++scenes
  const [ada, bob, cyd] = (await Promise.all(
    ['ada', 'bob', 'cyd'].map((name) => createParticipant(`${name}-${number}`)),
  )) as [Participant, Participant, Participant]
  const connect = (person: Participant, index: 0 | 1) =>
    new Connection(person, urls[index] ?? '', nodes[index] ?? '', String(env.SOKETI_APP_KEY))
  const connections = { ada: connect(ada, 0), bob: connect(bob, 1), cyd: connect(cyd, 1) }
  return {
    cluster,
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
