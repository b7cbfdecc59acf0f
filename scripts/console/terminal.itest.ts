import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { setReaction } from '@/lib/reactions'
import { eventually } from '@/testing/eventually'
import { request, siteUrl } from '@/testing/http'
import { account, conversationOf, password, person, say, type TestPerson, unique } from '@/testing/people'
import { TcpProxy } from '@/testing/tcp-proxy'
import { columns, noTerminals } from './pseudo-terminal'
import { messagesOf, openConsole, sendTo } from './test-console'

const inTerminal = { skip: noTerminals }

/** Starts the console of a person who has an account. */
async function openAs({ username }: TestPerson) {
  const { terminal } = await openConsole({
    args: ['--login', username],
    env: { PARLEY_PASSWORD: password },
  })
  return terminal
}

test('a line of any length can be typed while messages arrive', inTerminal, async () => {
  const ada = await person()
  const { room, terminal } = await openConsole()
  const [, name] = /as (\S+)\.$/m.exec(terminal.screen().join('\n')) ?? []
  const line =
    'This goes on over more than one row of a terminal, for it is long, and so it goes, and then ends.'
  const typed = new RegExp(`.{1,${columns}}`, 'g')
  const rowsOf = (text: string) => (text.match(typed) ?? []).map((row) => row.trimEnd())
  const time = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  // The minute may change during the test, and a person who only posts leaves the room after a while.
  const untimed = (rows: string[]) =>
    rows.filter((row) => !row.startsWith(`* ${ada.name}`)).map((row) => row.replace(/^\d\d:\d\d/, time))
  terminal.type(line.slice(1))
  await terminal.endsWith('ends.')
  await sendTo(room, ada, 'one')
  await terminal.shows(/: one$/)
  // Ctrl-A moves the cursor to the line's start, and so to its first row.
  terminal.type('\x01')
  await sendTo(room, ada, 'two\nand\nthree')
  await terminal.shows(/^ {4}three$/)
  terminal.type('T')
  const above = [
    `* You are in ${room} as ${name}.`,
    `${time} ${ada.name}: one`,
    `${time} ${ada.name}: two`,
    '    and',
    '    three',
  ]
  await terminal.isLike([...above, ...rowsOf(`${room}> ${line}`)], untimed)
  terminal.enter('')
  await terminal.isLike([...above, ...rowsOf(`${time} ${name}: ${line}`), `${room}>`], untimed)
  assert.deepEqual(await messagesOf(room, ada), ['one', 'two\nand\nthree', line])
})

test('/who, /join, /leave, /help and /quit', inTerminal, async () => {
  const ada = await person('ada', { firstName: 'Bob' })
  const { room, terminal } = await openConsole()
  await sendTo(room, ada, 'hello')
  await terminal.shows(`* ${ada.username} joined`)
  await terminal.shows(`${ada.username}: hello`)
  terminal.enter('/who')
  await terminal.shows(new RegExp(`^\\* 2 in ${room}: .*${ada.username}`))
  const other = unique()
  terminal.enter(`/join ${other}`)
  await terminal.shows(`* You are in ${other} as `)
  terminal.enter('over here')
  await eventually(async () => (await messagesOf(other, ada)).includes('over here'), 15_000)
  terminal.enter('/join no!room')
  await terminal.shows(/^\* Use 1 to 32 letters/)
  await terminal.endsWith(`\n${other}>`)
  terminal.enter('/leave')
  await terminal.shows(`* You have left ${other}.`)
  terminal.enter('nobody hears this')
  await terminal.shows('* You are not in a room.')
  terminal.enter('/help')
  await terminal.shows(/^\/join room/)
  terminal.enter('/quit')
  assert.equal(await terminal.exitCode(), 0)
  assert.deepEqual(await messagesOf(room, ada), ['hello'])
})

test('/talk opens a conversation, which shows changes and gets what is typed', inTerminal, async () => {
  const [ada, bob] = [await person('ada'), await account('bob')]
  const id = await conversationOf(ada, bob)
  const terminal = await openAs(bob)
  await say(ada, id, 'hello')
  terminal.enter('/talk nobody at all')
  await terminal.shows('* You have no conversation called nobody at all.')
  terminal.enter(`/talk ${ada.username.toUpperCase()}`)
  await terminal.shows(`* You are in ${ada.username} as ${bob.username}.`)
  await terminal.shows(/: hello$/)
  terminal.enter('good morning')
  await terminal.shows(/: good morning$/)
  await editMessage(ada, id, 1, { body: 'hello\nagain' })
  await terminal.shows(new RegExp(`^\\* ${ada.username} edited \\d\\d:\\d\\d: hello$`))
  await terminal.shows(/^ {4}again$/)
  await setReaction(ada, id, 2, '👍', true)
  await terminal.shows(new RegExp(`^\\* ${ada.username} 👍 ${bob.username}'s message of`))
  await setReaction(ada, id, 2, '👍', false)
  await terminal.shows(`* ${ada.username} removed 👍 from`)
  await deleteMessage(ada, id, 1)
  await terminal.shows(new RegExp(`^\\* ${ada.username}'s message of \\d\\d:\\d\\d was deleted`))
  terminal.enter('/who')
  await terminal.shows(new RegExp(`^\\* 2 in ${ada.username}: `))
  terminal.enter('/leave')
  await terminal.shows(`* You have closed ${ada.username}.`)
})

test('/talk asks for the id if several conversations have the name', inTerminal, async () => {
  const bob = await account('bob')
  const [ada, eve] = [
    await person('ada', { firstName: 'Robin' }),
    await person('eve', { firstName: 'Robin' }),
  ]
  const ids = [await conversationOf(ada, bob), await conversationOf(eve, bob)]
  const terminal = await openAs(bob)
  terminal.enter('/talk robin')
  await terminal.shows('* Several conversations are called robin:')
  terminal.enter(`/talk ${ids[1]}`)
  await terminal.shows(`* You are in ${eve.username} as`)
})

test('/login switches the user in the same room, and does not show the password', inTerminal, async () => {
  const username = `ada-${unique()}`
  const password = 'correct horse'
  assert.equal((await request('/api/register', { body: { username, password } })).status, 200)
  const bob = await person('bob')
  const { room, terminal } = await openConsole()
  await sendTo(room, bob, 'before')
  await terminal.shows('before')
  terminal.enter(`/login ${username}`)
  await terminal.endsWith(`Password of ${username}:`)
  await sendTo(room, bob, 'meanwhile')
  await terminal.shows('meanwhile')
  terminal.enter(password)
  await terminal.shows(`You are in ${room} as`)
  await terminal.endsWith(`\n${room}>`)
  terminal.enter('it is me')
  await terminal.shows(/it is me/)
  assert.doesNotMatch(terminal.output, /correct/)
  assert.equal(terminal.output.split('before').length, 2, 'earlier messages are not shown again')
  terminal.enter(`/login ${username} wrong-horse`)
  await terminal.shows(/password/i)
  // The history contains neither password.
  terminal.type('\x1b[A')
  await terminal.endsWith('it is me')
  terminal.type('\x03')
  assert.equal(await terminal.exitCode(), 0)
})

test(
  'while the site does not answer, a message is kept, and sent once when it is back',
  inTerminal,
  async () => {
    const ada = await person()
    const proxy = await new TcpProxy(siteUrl()).listen()
    const { room, terminal } = await openConsole({ address: proxy.url })
    await sendTo(room, ada, 'one')
    await terminal.shows('one')
    proxy.close()
    await terminal.shows('The site does not answer.')
    terminal.enter('kept')
    await sendTo(room, ada, 'two')
    await proxy.listen()
    await terminal.shows('The site is back.')
    await terminal.shows(/: two/)
    await terminal.shows(/: kept/)
    assert.deepEqual(await messagesOf(room, ada), ['one', 'two', 'kept'])
    for (const text of [': one', 'not answer.', 'site is back.', ': two', ': kept'])
      assert.equal(terminal.screen().join('\n').split(text).length, 2, `${text} once`)
    terminal.enter('/quit')
    assert.equal(await terminal.exitCode(), 0)
  },
)

test('a message whose answer was lost is not sent twice', inTerminal, async () => {
  const ada = await person()
  const proxy = await new TcpProxy(siteUrl()).listen()
  const { room, terminal } = await openConsole({ address: proxy.url })
  proxy.dropsAnswers = true
  terminal.enter('only once')
  await eventually(() => proxy.requests.split('only once').length > 2, 15_000)
  proxy.dropsAnswers = false
  await terminal.shows(/: only once/)
  terminal.enter('and more')
  await terminal.shows(/: and more/)
  assert.deepEqual(await messagesOf(room, ada), ['only once', 'and more'])
})

test('quitting while the site does not answer shows the unsent message', inTerminal, async () => {
  const proxy = await new TcpProxy(siteUrl()).listen()
  const { terminal } = await openConsole({ address: proxy.url })
  proxy.close()
  await terminal.shows('The site does not answer.')
  terminal.enter('too late')
  terminal.enter('/quit')
  assert.equal(await terminal.exitCode(), 3)
  assert.match(terminal.screen().join(''), /Not sent.*too late/)
})

test('NO_COLOR is respected', inTerminal, async () => {
  const ada = await person()
  const coloured = await openConsole()
  const { terminal } = await openConsole({ room: coloured.room, env: { NO_COLOR: '1' } })
  await sendTo(coloured.room, ada, 'to see')
  await Promise.all([terminal.shows(/: to see/), coloured.terminal.shows(/: to see/)])
  assert.ok(coloured.terminal.output.includes('\x1b[1m'))
  assert.ok(!terminal.output.includes('\x1b[1m'))
})
