import assert from 'node:assert/strict'
import { finished } from 'node:stream/promises'
import { test } from 'node:test'
import { wholeLines } from './whole-lines'

test('each chunk ends with a whole line, however the text arrives', async () => {
  const lines = wholeLines()
  const chunks: string[] = []
  lines.on('data', (chunk) => chunks.push(String(chunk)))
  for (const chunk of ['one\ntw', 'o', '', '\nthr', 'ee\nfö'.slice(0, 4)]) lines.write(chunk)
  for (const byte of Buffer.from('ö\n')) lines.write(Buffer.from([byte]))
  lines.write('x'.repeat(300_000))
  lines.end('no line feed')
  await finished(lines)
  assert.deepEqual(chunks, ['one\n', 'two\n', 'three\n', 'fö\n', 'x'.repeat(300_000), 'no line feed\n'])
})
