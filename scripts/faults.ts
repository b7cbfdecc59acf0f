import type { Fault } from './faults/faults'
import { runTrial } from './faults/run'
import { serviceNames } from './parley'

// Seconds. The longer one exceeds the time-outs of connecting to the database and of being in a room.
const pauses = [3, 8]
const faults: Fault[] = [
  ...serviceNames.map((service) => ({ service })),
  { service: 'site', isInLongWork: true },
  ...pauses.flatMap((pausedSeconds) => serviceNames.map((service) => ({ service, pausedSeconds }))),
  // Longer than clients take to notice it (15 s by the contract), while people are in rooms.
  { service: 'soketi', pausedSeconds: 25 },
  ...serviceNames.toReversed().map((service) => ({ service })),
]

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
process.exit((await runTrial(faults)) ? 0 : 1)
