import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settingNames } from '@/lib/env'

const read = (file: string) => readFileSync(file, 'utf8')
/** What the pattern's first group matches. */
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)

test('the files that the Dockerfile copies exist', () => {
  const sources = all(read('Dockerfile'), /^COPY (?!--from)(.+) \S+$/gm).flatMap((list) => list.split(' '))
  assert.ok(sources.length > 5)
  assert.deepEqual(
    sources.filter((source) => !existsSync(source)),
    [],
  )
})

test('compose.yaml sets only settings that the site has', () => {
  const [site = ''] = read('compose.yaml').split('\nservices:')
  const names = all(site.slice(site.indexOf('environment:')), /^ +([A-Z_]+):/gm)
  assert.ok(names.includes('DATABASE_URL'))
  assert.deepEqual(
    names.filter((name) => !settingNames.includes(name)),
    [],
  )
})

test('deploy/settings.sh prints every setting that compose.yaml requires, each with a value', () => {
  const output = execFileSync('sh', ['deploy/settings.sh', 'chat.example.org'], { encoding: 'utf8' })
  const printed = all(output, /^([A-Z_]+)=.{16}/gm)
  assert.deepEqual(printed.sort(), [...new Set(all(read('compose.yaml'), /\$\{([A-Z_]+):\?\}/g))].sort())
})

test('compose.yaml mounts files that exist', () => {
  const files = all(read('compose.yaml'), /(\.\/deploy\/[^:]+):/g)
  assert.ok(files.length > 1)
  assert.deepEqual(
    files.filter((file) => !existsSync(file)),
    [],
  )
})
