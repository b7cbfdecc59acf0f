// Every process under test loads this first, by NODE_OPTIONS: it turns one planted mutant on, and records those
// reached.
import { appendFileSync } from 'node:fs'

const { PARLEY_MUTANT, PARLEY_REACHED } = process.env
const reached = new Set()

Object.assign(globalThis, {
  /** @param {number} id */
  isMutant(id) {
    if (PARLEY_REACHED && !reached.has(id)) {
      reached.add(id)
      appendFileSync(PARLEY_REACHED, `${id}\n`)
    }
    return String(id) === PARLEY_MUTANT
  },
})

// From here on those reached before count again.
process.on('SIGUSR2', () => reached.clear())
