import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asRefusal, isUniqueViolation, missing } from './errors'

const failed = (code: string, message = 'failed') => Object.assign(new Error(message), { code })
/** As Drizzle throws what the database's client threw. */
const wrapped = (cause: unknown) => new Error('Failed query', { cause })

test('a statement that took too long, waited too long for a lock, or was not answered is a refusal', () => {
  for (const code of ['57014', '55P03', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT'])
    for (const error of [failed(code), wrapped(failed(code))]) {
      const refusal = asRefusal(error)
      assert.deepEqual([refusal?.status, refusal?.retryAfter], [503, 5])
    }
})

test('a refusal is found, itself or as the cause of an error, and nothing else is one', () => {
  const refusal = missing('room')
  assert.equal(asRefusal(refusal), refusal)
  assert.equal(asRefusal(wrapped(refusal)), refusal)
  for (const error of [
    failed('23505'),
    wrapped(failed('08006')),
    wrapped('57014'),
    { code: '57014' },
    null,
    undefined,
  ])
    assert.equal(asRefusal(error), undefined)
})

test('a taken key is recognized in the error and in its cause', () => {
  for (const error of [failed('23505'), wrapped(failed('23505'))])
    assert.equal(isUniqueViolation(error), true)
  for (const error of [failed('23503'), wrapped(undefined), { code: '23505' }, undefined])
    assert.equal(isUniqueViolation(error), false)
})
