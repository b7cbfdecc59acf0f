import type { Fault } from './faults/faults'
import { openPages } from './faults/pages'
import { Trial } from './faults/trial'
import { serviceNames } from './parley'

// Seconds. The longer one exceeds the time-outs of connecting to the database and of being in a room.
const pauses = [3, 8]
const faults: Fault[] = [
  ...serviceNames.map((service) => ({ service })),
  ...pauses.flatMap((pausedSeconds) => serviceNames.map((service) => ({ service, pausedSeconds }))),
  // Longer than clients take to notice it (15 s by the contract), while people are in rooms.
  { service: 'soketi', pausedSeconds: 25 },
  ...serviceNames.toReversed().map((service) => ({ service })),
]

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
const began = performance.now()
const say = (line: string) => console.log(`${secondsSince(began).padStart(6)} s  ${line}`)
process.exit((await runTrial()) ? 0 : 1)

async function runTrial() {
  const trial = await Trial.begin(say, openPages)
  try {
    for (const fault of faults) await trial.causes(fault)
    const { counts, faulty, isOk } = await trial.finish()
    console.log()
    for (const [name, count] of Object.entries(counts)) row(name, count)
    for (const [name, found] of Object.entries(faulty)) row(name, found.length, found)
    row('seconds', secondsSince(began))
    return isOk
  } finally {
    await trial.close()
  }
}

function secondsSince(time: number) {
  return ((performance.now() - time) / 1000).toFixed(1)
}

/** Prints a name with its number, and the first few of what was found. */
function row(name: string, value: unknown, found: unknown[] = []) {
  console.log(`${name.padEnd(28)} ${String(value).padStart(6)}`)
  for (const item of found.slice(0, 5)) console.log('   ', item)
}
