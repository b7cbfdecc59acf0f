import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { presence } from '@/db/schema'
import { eventually } from '@/testing/eventually'
import { people, person, type TestPerson } from '@/testing/people'
import { getUser } from './accounts'
import { endLoginSession } from './login-sessions'
import { goOffline, noteDisconnected, noteRequest, noteSeen } from './presence'
import { laterStatus } from './realtime/events'
import type { User } from './views'

/** Runs many calls at the same time, as several processes would. */
const together = (...acts: (() => Promise<unknown>)[]) =>
  Promise.all(Array.from({ length: 6 }, () => acts.map((act) => act())).flat())

/** Reads a person's status repeatedly while something else runs. */
async function watch(who: TestPerson, seen: User[], act: () => Promise<unknown>) {
  let isOver = false
  const look = async () => {
    for (; !isOver; await sleep(2)) seen.push(await getUser(who.id))
  }
  const looking = [look(), look(), look()]
  await act().finally(() => {
    isOver = true
  })
  await Promise.all(looking)
}

/** The state of a client that received all of these in another order. */
const kept = (seen: User[]) =>
  [...seen].sort(() => Math.random() - 0.5).reduce((one, other) => laterStatus(one, other))

test('a client keeps the latest status, in whatever order statuses arrive', async () => {
  const ada = await person()
  const seen: User[] = []
  for (let round = 0; round < 20; round++) {
    await watch(ada, seen, async () => {
      await together(
        () => noteRequest(ada.id, ada.loginSessionId),
        () => noteSeen([ada.id]),
      )
      if (round % 3 === 0) await together(() => noteDisconnected([ada.id]))
    })
    seen.push(await getUser(ada.id))
    assert.equal(kept(seen).status, 'online', `round ${round}`)
    await watch(ada, seen, () => goOffline(ada.id))
    const last = await getUser(ada.id)
    assert.equal(last.status, 'offline')
    assert.deepEqual(kept([...seen, last]), last, `round ${round}`)
  }
})

test('a person whose connection closes or is lost stays offline', async () => {
  const both = await people('ada', 'bob')
  const [ada, bob] = both
  assert.ok(ada && bob)
  const seen = new Map<TestPerson, User[]>(both.map((one) => [one, []]))
  await Promise.all(
    both.map((one) =>
      watch(one, seen.get(one) ?? [], async () => {
        await noteRequest(one.id)
        await noteSeen([one.id])
        await sleep(500)
        if (one === ada) await together(() => noteDisconnected([ada.id]))
        await eventually(async () => (await getUser(one.id)).status === 'offline', 10_000, 100)
      }),
    ),
  )
  for (const one of both) {
    const statuses = seen.get(one) ?? []
    assert.ok(statuses.some(({ status }) => status === 'online'))
    const last = await getUser(one.id)
    assert.deepEqual(kept(statuses), last)
  }
})

test('an online person was last seen at the last request, or the last check of the connection', async () => {
  const ada = await person()
  await noteRequest(ada.id)
  const { lastSeenAt } = await getUser(ada.id)
  await sleep(50)
  assert.equal((await getUser(ada.id)).lastSeenAt, lastSeenAt)
  await noteSeen([ada.id])
  const connected = await getUser(ada.id)
  assert.equal(connected.status, 'online')
  assert.ok(String(connected.lastSeenAt) > String(lastSeenAt))
  assert.ok(Date.parse(String(connected.lastSeenAt)) <= Date.now())
})

test('logging out makes a person offline at once, despite a request that is still running', async () => {
  const ada = await person()
  await noteSeen([ada.id])
  await endLoginSession(ada, ada.loginSessionId)
  const left = await getUser(ada.id)
  assert.equal(left.status, 'offline')
  await noteRequest(ada.id, ada.loginSessionId)
  assert.deepEqual(await getUser(ada.id), left)
  const [row] = await database().select().from(presence).where(eq(presence.userId, ada.id))
  assert.equal(row?.announcedOnline, false)
})

test('a person who is online by a request alone stays announced', async () => {
  const ada = await person()
  await noteRequest(ada.id)
  // The site looks every 2.5 s for people who are gone.
  await sleep(6000)
  assert.equal((await getUser(ada.id)).status, 'online')
  const [row] = await database().select().from(presence).where(eq(presence.userId, ada.id))
  assert.equal(row?.announcedOnline, true)
})
