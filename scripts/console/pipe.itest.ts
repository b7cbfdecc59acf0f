import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exhaust } from '@/testing/limits'
import { startOtherSite } from '@/testing/other-site'
import { account, password, person, unique } from '@/testing/people'
import { freePort } from '../ports'
import { messagesOf, pipeToConsole } from './test-console'

// `exhaust` spends allowances in this process, where the limits must be on. The site under test has none.
process.env.PARLEY_LIMITS = 'on'

test('without a terminal, the lines of the input are sent, and the console ends after the last answer', async () => {
  const ada = await person()
  const room = unique()
  const { code, out, err } = await pipeToConsole('hi\r\n\n/who\nünd\u2028tschüss', { args: ['--room', room] })
  assert.equal(code, 0, err)
  assert.deepEqual(await messagesOf(room, ada), ['hi', 'ünd\u2028tschüss'])
  assert.match(out, /^\* 1 in /m)
  assert.ok(!(out + err).includes('\x1b') && !out.includes('> '))
})

test('without a terminal, the console logs in by a password from the environment', async () => {
  const username = `ada-${unique()}`
  const room = unique()
  const options = { args: ['--room', room, '--login', username], env: { PARLEY_PASSWORD: 'correct horse' } }
  const { code, err } = await pipeToConsole('hi', options)
  assert.equal(code, 0, err)
  assert.match(err, new RegExp(`as ${username}\\.`))
  const wrong = await pipeToConsole('hi', { ...options, env: { PARLEY_PASSWORD: 'wrong horse' } })
  assert.equal(wrong.code, 3)
  assert.deepEqual(await messagesOf(room, await person()), ['hi'])
})

test('exit codes', async () => {
  const usage = await pipeToConsole('', { args: ['--what'] })
  assert.equal(usage.code, 1)
  assert.match(usage.err, /Usage: npm run console -- <address>/)
  assert.equal((await pipeToConsole('', { address: `http://127.0.0.1:${await freePort()}` })).code, 2)
  assert.equal((await pipeToConsole('', { args: ['--room', 'no!room'] })).code, 3)
  const room = unique()
  const refused = await pipeToConsole('/join no!room\nnot to be said here', { args: ['--room', room] })
  assert.equal(refused.code, 3)
  assert.deepEqual(await messagesOf(room, await person()), [])
  const help = await pipeToConsole('', { args: ['--help'] })
  assert.equal(help.code, 0)
  assert.match(help.out, /Exit codes/)
})

test('a message over the limit is sent later, and a guest over the limit is refused', async () => {
  const [ada, room] = [await account(), unique()]
  const limited = await startOtherSite({ PARLEY_LIMITS: 'on' })
  try {
    await exhaust('send', { id: ada.id, address: null }, 8)
    const { err, code } = await pipeToConsole('hello\n', {
      address: limited.url,
      args: ['--room', room, '--login', ada.username],
      env: { PARLEY_PASSWORD: password },
    })
    assert.equal(code, 0, err)
    assert.match(err, /Too many messages\. Try again in \d seconds?\./)
    assert.deepEqual(await messagesOf(room, ada), ['hello'])
    await exhaust('guest', { address: '127.0.0.1' }, 60)
    const refused = await pipeToConsole('hello\n', { address: limited.url })
    assert.equal(refused.code, 3)
    assert.match(refused.err, /^\* Too many guests\. Try again in \d+ seconds\.\n$/)
  } finally {
    await limited.stop()
  }
})
