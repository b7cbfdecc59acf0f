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
import { friends, people, type TestPerson, unique } from '@/testing/people'
import { connect, type Socket } from '@/testing/sockets'

/** The contract: after Soketi's return everything is right again within this time. */
const rightAgainMs = 15_000

// Soketi dies and stands still here: it is this file's own.
let parley: Parley

before(async () => {
  parley = await startTemporaryParley({ env: { PARLEY_LIMITS: 'off' }, say: () => {} })
  Object.assign(process.env, parley.env, { PARLEY_SITE_URL: parley.url })
})

after(() => parley.stop())

/** Ada looks on; bob and cyd are connected and in a room, and cyd is to go away during the outage. */
async function scene() {
  const [{ ada, bob }, [cyd]] = await Promise.all([friends(), people('cyd')])
  assert.ok(cyd)
  const room = await joinRoom(bob, { name: `room-${unique()}` })
  const sockets = await Promise.all(
    [bob, cyd].map(async (who) => {
      const socket = await connect(who)
      await socket.subscribe(userChannel(who.id))
      await socket.subscribe(attendanceChannel(room.id, who.id))
      return socket
    }),
  )
  const isThere = async (who: TestPerson) => {
    const { users } = (await ada.request(`/api/users?q=${who.username}`)).body
    return [users[0].status, (await isMember(who.id, room.id)) ? 'in' : 'left']
  }
  return { ada, bob, cyd, sockets: sockets as [Socket, Socket], isThere }
}

const there = ['online', 'in']
const gone = ['offline', 'left']
const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

describe('while Soketi does not answer, nobody goes offline or leaves a room because of it', () => {
  test('when it stands still for 14 s, and is right again within 15 s', async () => {
    const { bob, cyd, sockets, isThere } = await scene()
    const [dan] = await people('dan')
    assert.ok(dan)
    await dan.request('/api/me')
    const goOn = pause(parley.services.soketi?.pid ?? 0)
    try {
      // By now two looks have been missed.
      await sleep(6000)
      sockets[1].disconnect()
      for (const end = Date.now() + 8000; Date.now() < end; await sleep(250))
        for (const who of [bob, cyd]) assert.deepEqual(await isThere(who), there, who.username)
      assert.equal((await dan.request('/api/logout', { method: 'POST' })).status, 204)
      assert.equal((await isThere(dan))[0], 'offline', 'by logging out, and not because of Soketi')
    } finally {
      goOn()
    }
    await eventually(async () => isSame(await isThere(cyd), gone), rightAgainMs, 100)
    assert.deepEqual(await isThere(bob), there)
  })

  test('when it is killed, and is right again within 15 s', async () => {
    const { bob, cyd, sockets, isThere } = await scene()
    parley.services.soketi?.kill('SIGKILL')
    sockets[1].disconnect()
    await eventually(() => !parley.services.soketi?.isUp, 5000, 5)
    await eventually(() => parley.services.soketi?.isUp, 10_000)
    const isBack = Date.now()
    await eventually(
      async () => {
        assert.deepEqual(await isThere(bob), there)
        return isSame(await isThere(cyd), gone)
      },
      rightAgainMs,
      100,
    )
    while (Date.now() - isBack < rightAgainMs) {
      assert.deepEqual(await isThere(bob), there)
      await sleep(250)
    }
  })
})
