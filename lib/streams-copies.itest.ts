import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { processState } from '@/db/process-state'
import { person, unique } from '@/testing/people'
import { attendsUntil } from '@/testing/streams'
import { joinRoom } from './rooms'

// This test needs no events, and the socket for them would keep the process alive.
processState('subscriptions', () => ({ add: () => () => {}, opened: async () => {} }))

/** Loads the module again, as Next.js does for each bundle. */
const loadCopy = (name: string): Promise<typeof import('./streams')> => import(`./streams.ts?${name}`)

test('a process renews its streams once a round, however many copies of the module it has', async () => {
  const copies = [await loadCopy('one'), await loadCopy('other')] as const
  assert.notEqual(copies[0], copies[1])
  const ada = await person()
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  const life = new AbortController()
  for (const { openStream } of copies) {
    await openStream(ada, room.id, { after: 0, life })
    // Half a round, so that the rounds of two copies would not coincide.
    await sleep(1250)
  }
  const noted = new Set<number | undefined>()
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(50))
    noted.add(await attendsUntil(ada, room.id))
  life.abort()
  assert.ok(noted.size >= 2 && noted.size <= 5, `${noted.size} times in 10 s`)
})
