import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { LogFile, logTail } from './log-file'

let dir = ''
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-log-'))
})
after(() => rmSync(dir, { recursive: true }))

test('keeps ten files, the newest without a number, each within the size limit', async () => {
  const log = new LogFile(join(dir, 'site.log'), 1000)
  for (let line = 0; line < 300; line++) {
    log.write(Buffer.from(`${`${line} `.padEnd(99, '.')}\n`))
    await log.written
  }
  const names = readdirSync(dir).filter((name) => name.startsWith('site'))
  assert.deepEqual(names.sort(), [
    'site.log',
    ...Array.from({ length: 9 }, (_, index) => `site.log.${index + 1}`),
  ])
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  for (const name of names) assert.equal(statSync(join(dir, name)).size, 1000)
  const kept = ['site.log', ...names.slice(1)].reverse().map(read).join('')
  const lines = kept.trimEnd().split('\n').map(Number.parseFloat)
  assert.deepEqual(
    lines,
    Array.from({ length: 100 }, (_, index) => 200 + index),
  )
})

test('writes lines in order, and appends to the same file after a restart', async () => {
  const file = join(dir, 'postgres.log')
  for (const start of [0, 500]) {
    const log = new LogFile(file)
    for (let line = start; line < start + 500; line++) log.write(Buffer.from(`${line}\n`))
    await log.written
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map(Number)
  assert.deepEqual(
    lines,
    Array.from({ length: 1000 }, (_, index) => index),
  )
})

test('drops lines without failing if the disk cannot be written', async () => {
  const log = new LogFile(join(dir, 'missing', 'site.log'))
  log.write(Buffer.from('lost\n'))
  await log.written
})

test('the tail of a log is its last eight lines', async () => {
  const file = join(dir, 'soketi.log')
  const log = new LogFile(file)
  for (let line = 0; line < 20; line++) log.write(Buffer.from(`line ${line}\n`))
  await log.written
  assert.match(await logTail(file), /soketi\.log:\n {2}line 12\n[\s\S]* {2}line 19$/)
})
