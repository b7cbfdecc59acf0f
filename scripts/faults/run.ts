import type { Fault } from './faults'
import { openPages } from './pages'
import type { startSingle } from './system'
import { Trial } from './trial'

const began = performance.now()
const secondsSince = (time: number) => ((performance.now() - time) / 1000).toFixed(1)

/** Prints a line with the seconds since the start. */
export const say = (line: string) => console.log(`${secondsSince(began).padStart(6)} s  ${line}`)

/** Causes the faults one after the other, and prints what was counted. @returns whether everything is right */
export async function runTrial(faults: Fault[], start?: typeof startSingle) {
  const trial = await Trial.begin(say, openPages, start)
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

/** Prints a name with its number, and the first few of what was found. */
function row(name: string, value: unknown, found: unknown[] = []) {
  console.log(`${name.padEnd(28)} ${String(value).padStart(6)}`)
  for (const item of found.slice(0, 5)) console.log('   ', item)
}
