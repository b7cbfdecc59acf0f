import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Fault, faultName } from './faults/faults'
import { Trial } from './faults/trial'

// The short form of `npm run test:faults`. It kills services, so it starts its own.
const faults: Fault[] = [
  { service: 'site' },
  { service: 'site', isInLongWork: true },
  { service: 'postgres' },
  { service: 'soketi' },
  { service: 'soketi', pausedSeconds: 3 },
]
let trial: Trial

before(async () => {
  trial = await Trial.begin(console.log)
})

after(() => trial?.close())

test('no message or change is lost or duplicated if services are killed or paused while people send', async (t) => {
  for (const fault of faults) await t.test(faultName(fault), () => trial.causes(fault))
  const { counts, faulty } = await trial.finish()
  assert.ok(counts['sends acknowledged'] > 50, JSON.stringify(counts))
  assert.ok(counts['of them deleted'] > 0, JSON.stringify(counts))
  for (const [name, found] of Object.entries(faulty)) assert.deepEqual(found, [], name)
})
