import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Fault, faultName } from './faults/faults'
import { Trial } from './faults/trial'

// The short form of `npm run test:faults`: services die here, so they are this file's own.
const faults: Fault[] = [
  { service: 'site' },
  { service: 'postgres' },
  { service: 'soketi' },
  { service: 'soketi', pausedSeconds: 3 },
]
let trial: Trial

before(async () => {
  trial = await Trial.begin(console.log)
})

after(() => trial?.close())

test('while people talk, each service may die, or stand still, and nothing is lost or doubled', async (t) => {
  for (const fault of faults) await t.test(faultName(fault), () => trial.suffers(fault))
  const { counts, faulty } = await trial.ends()
  assert.ok(counts['sends acknowledged'] > 50, JSON.stringify(counts))
  for (const [name, found] of Object.entries(faulty)) assert.deepEqual(found, [], name)
})
