import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf } from '../lines'
import { parseArguments } from './arguments'
import { parseLine } from './commands'

test('a line that is not a command is sent as it was typed', () => {
  assert.deepEqual(parseLine('  hello / there '), { verb: 'send', body: '  hello / there ' })
  assert.deepEqual(parseLine('//etc/hosts'), { verb: 'send', body: '/etc/hosts' })
  assert.deepEqual(parseLine('  '), { verb: 'nothing' })
})

test('commands are read with their arguments, in upper or lower case', () => {
  assert.deepEqual(parseLine('/LOGIN ada'), { verb: 'login', name: 'ada', password: undefined })
  assert.deepEqual(parseLine('/login  ada correct horse'), {
    verb: 'login',
    name: 'ada',
    password: 'correct horse',
  })
  assert.deepEqual(parseLine('/join tea '), { verb: 'join', room: 'tea' })
  assert.deepEqual(parseLine('/talk Ada Lovelace '), { verb: 'talk', name: 'Ada Lovelace' })
  for (const verb of ['who', 'leave', 'quit', 'help']) assert.deepEqual(parseLine(`/${verb}`), { verb })
})

test('an invalid command is not sent as a message', () => {
  for (const line of ['/login', '/talk', '/join', '/join a b', '/jion tea', '/'])
    assert.equal(parseLine(line).verb, 'invalid', line)
})

test('an address needs no scheme', () => {
  const addressOf = (address: string) => parseArguments([address]).address
  assert.equal(addressOf('http://chat.example.org'), 'http://chat.example.org')
  assert.equal(addressOf('chat.example.org'), 'https://chat.example.org')
  assert.equal(addressOf('localhost:3000'), 'http://localhost:3000')
})

test('a wrong usage throws', () => {
  for (const args of [[], ['a', 'b'], ['a', '--what'], ['a', '--room'], ['http://']])
    assert.throws(() => parseArguments(args), { name: 'Error' }, args.join(' '))
})

test('lines are put together from their pieces, within letters too', async () => {
  const bytes = new TextEncoder().encode('é\n\nsome\u2028more\r\nlast')
  const pieces = async function* () {
    for (const byte of bytes) yield Uint8Array.of(byte)
  }
  const lines = []
  for await (const line of linesOf(pieces())) lines.push(line)
  assert.deepEqual(lines, ['é', '', 'some\u2028more\r', 'last'])
})
