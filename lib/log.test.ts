import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { logError, logSecurity } from './log'
import { logLines } from './log-lines'
import { withRequest } from './request-context'

test('an error is logged as a line of JSON with the id of its request', async () => {
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

test('a security event is logged in production as a line of JSON with the id of its request', () => {
  const { mock: written } = mock.method(process.stdout, 'write', () => true)
  Object.assign(process.env, { NODE_ENV: 'production' })
  withRequest({ id: 'one' }, () => logSecurity('wrong-password', { user: 'an id', address: '203.0.113.7' }))
  Reflect.deleteProperty(process.env, 'NODE_ENV')
  assert.equal(written.calls.length, 0)
  logLines.flush()
  written.restore()
  assert.equal(written.calls.length, 1)
  const { time, ...line } = JSON.parse(String(written.calls[0]?.arguments[0]))
  assert.ok(Date.parse(time) > 0)
  assert.deepEqual(line, {
    level: 'info',
    event: 'security.wrong-password',
    request: 'one',
    user: 'an id',
    address: '203.0.113.7',
  })
})
