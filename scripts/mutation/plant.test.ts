import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findMutants } from './mutants'
import { plant } from './plant'
import { sqlVariants } from './sql'

const source = `
  const seen = []
  if (value > 1 && value !== 7) seen.push('big')
  return { seen, half: value / 2 }`

/** The result of the source with one mutant, or none. */
function run(value: number, mutant?: number) {
  const mutants = findMutants(`function f(value) {${source}}`).map((one, id) => ({ ...one, id }))
  const code = plant(`function f(value) {${source}}`, mutants)
  Object.assign(globalThis, { isMutant: (id: number) => id === mutant })
  const result = new Function(`${code}; return f`)()(value)
  return { result: JSON.stringify(result), count: mutants.length }
}

test('planted code does what the source does until one of its mutants is on', () => {
  const { result, count } = run(3)
  assert.equal(result, '{"seen":["big"],"half":1.5}')
  const results = Array.from({ length: count }, (_, id) => [1, 2, 3, 7].map((value) => run(value, id).result))
  const unchanged = [1, 2, 3, 7].map((value) => run(value).result).join()
  assert.ok(count > 8)
  for (const changed of results) assert.notEqual(changed.join(), unchanged)
})

test('each variant of a statement has one thing changed', () => {
  assert.deepEqual(sqlVariants('update t set a = 1 where b = 2 and c < least(d, 3) limit 5').sort(), [
    'update t set a = 1 where b <> 2 and c < least(d, 3) limit 5',
    'update t set a = 1 where b = 2 and c < greatest(d, 3) limit 5',
    'update t set a = 1 where b = 2 and c < least(d, 3) limit 105',
    'update t set a = 1 where b = 2 and c <= least(d, 3) limit 5',
    'update t set a = 1 where b = 2 or c < least(d, 3) limit 5',
  ])
})
