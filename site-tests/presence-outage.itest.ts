import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMember } from '@/lib/memberships'
import { attendanceChannel, userChannel } from '@/lib/realtime/channels'
import { joinRoom } from '@/lib/rooms'
import { pause } from '@/scripts/faults/faults'
import type { Parley } from '@/scripts/parley'
import { startTemporaryParley } from '@/scripts/temporary'
import { eventually } from '@/testing/eventually'
import { friends, person, type TestPerson, unique } from '@/testing/people'
import { connect, type Socket } from '@/testing/sockets'

/** After Soketi's return every status is right within this time. */
const recoveryMs = 15_000

// These tests stop and kill Soketi, so they have a Parley of their own.
let parley: Parley

before(async () => {
  parley = await startTemporaryParley({ env: { PARLEY_LIMITS: 'off' }, say: () => {} })
  Object.assign(process.env, parley.env, { PARLEY_SITE_URL: parley.url })
})

after(() => parley.stop())

/** Bob and cyd are connected and in a room. Ada can see their statuses. */
async function createScene() {
  const [{ ada, bob }, cyd] = await Promise.all([friends(), person('cyd')])
  const room = await joinRoom(bob, { name: `room-${unique()}` })
  const sockets = await Promise.all(
    [bob, cyd].map(async (member) => {
      const socket = await connect(member)
      await socket.subscribe(userChannel(member.id))
      await socket.subscribe(attendanceChannel(room.id, member.id))
      return socket
    }),
  )
  const presenceOf = async ({ id, username }: TestPerson) => {
    const { users } = (await ada.request(`/api/users?q=${username}`)).body
    return [users[0].status, (await isMember(id, room.id)) ? 'in the room' : 'left']
  }
  return { ada, bob, cyd, sockets: sockets as [Socket, Socket], presenceOf }
}

const present = ['online', 'in the room']
const absent = ['offline', 'left']
const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

describe('nobody goes offline or leaves a room because Soketi does not answer', () => {
  test('while Soketi hangs for 14 s; statuses are right within 15 s of its return', async () => {
    const { bob, cyd, sockets, presenceOf } = await createScene()
    const dan = await person('dan')
    await dan.request('/api/me')
    const resume = pause(parley.services.soketi?.pid ?? 0)
    try {
      // By then two checks have failed.
      await sleep(6000)
      sockets[1].disconnect()
      for (const end = Date.now() + 8000; Date.now() < end; await sleep(250))
        for (const one of [bob, cyd]) assert.deepEqual(await presenceOf(one), present, one.username)
      assert.equal((await dan.request('/api/logout', { method: 'POST' })).status, 204)
      assert.equal((await presenceOf(dan))[0], 'offline', 'because of the logout')
    } finally {
      resume()
    }
    await eventually(async () => isSame(await presenceOf(cyd), absent), recoveryMs, 100)
    assert.deepEqual(await presenceOf(bob), present)
  })

  test('while Soketi restarts after a kill; statuses are right within 15 s', async () => {
    const { bob, cyd, sockets, presenceOf } = await createScene()
    parley.services.soketi?.kill('SIGKILL')
    sockets[1].disconnect()
    await eventually(() => !parley.services.soketi?.isUp, 5000, 5)
    await eventually(() => parley.services.soketi?.isUp, 10_000)
    const restarted = Date.now()
    await eventually(
      async () => {
        assert.deepEqual(await presenceOf(bob), present)
        return isSame(await presenceOf(cyd), absent)
      },
      recoveryMs,
      100,
    )
    while (Date.now() - restarted < recoveryMs) {
      assert.deepEqual(await presenceOf(bob), present)
      await sleep(250)
    }
  })
})
