import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { logLines } from './log-lines'

test('lines for a reader that has stopped reading are dropped, and counted once it reads again', () => {
  const { mock: written } = mock.method(process.stdout, 'write', () => true)
  Object.defineProperty(process.stdout, 'writableLength', { value: 5 * 1024 * 1024, configurable: true })
  for (const line of ['lost', 'lost too']) logLines.add(line)
  Reflect.deleteProperty(process.stdout, 'writableLength')
  for (const line of ['one', 'two']) logLines.add(line)
  for (let turn = 0; turn < 2; turn++) logLines.flush()
  const texts = written.calls.map(({ arguments: [text] }) => String(text))
  written.restore()
  assert.equal(texts.length, 1)
  const [one, two, dropped = '', end] = texts.join().split('\n')
  assert.deepEqual([one, two, end], ['one', 'two', ''])
  const { level, event, lines } = JSON.parse(dropped)
  assert.deepEqual({ level, event, lines }, { level: 'error', event: 'log.dropped', lines: 2 })
})
