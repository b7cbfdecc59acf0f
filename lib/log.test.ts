import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { logError } from './log'
import { withRequest } from './request-context'

test('an error is a line of JSON, and names the request in which it happened', async () => {
  const { mock: written } = mock.method(console, 'error', () => {})
  await withRequest({ id: 'one' }, async () => {
    await Promise.resolve()
    logError('inside', new TypeError('wrong'))
  })
  logError('outside', 'no error at all')
  const [inside, outside] = written.calls.map((call) => JSON.parse(String(call.arguments[0])))
  assert.equal(inside.level, 'error')
  assert.equal(inside.event, 'inside')
  assert.equal(inside.request, 'one')
  assert.equal(inside.name, 'TypeError')
  assert.match(inside.stack, /log\.test/)
  assert.equal(outside.request, undefined)
  assert.equal(outside.message, 'no error at all')
  written.restore()
})
