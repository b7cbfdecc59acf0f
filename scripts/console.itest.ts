import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { eventually } from '@/testing/eventually'
import { request, siteUrl } from '@/testing/http'
import { exhaust } from '@/testing/limits'
import { startOtherSite } from '@/testing/other-site'
import { account, password, person, type TestPerson, unique } from '@/testing/people'
import { follow } from './console/follow'
import { columns, noTerminals, PseudoTerminal } from './console/pseudo-terminal'
import { Site } from './console/site'
import { freePort } from './ports'

// The limits, where a test is about them, are taken from here as well; the site under test has none.
process.env.PARLEY_LIMITS = 'on'

const command = [process.execPath, '--conditions=react-server', 'scripts/run.mjs', 'console']
const inTerminal = { skip: noTerminals }
const open = new Set<{ end: () => void }>()
after(() => {
  for (const one of open) one.end()
})

/** The console in a terminal, in a room of the test's own. */
async function openConsole({
  room = unique(),
  address = siteUrl(),
  args = [] as string[],
  env = {} as Record<string, string>,
} = {}) {
  const terminal = new PseudoTerminal([...command, address, '--room', room, ...args], env)
  open.add(terminal)
  await terminal.endsWith(`\n${room}>`)
  return { room, terminal }
}

/** The console over a pipe. */
async function pipe(input: string, { address = siteUrl(), args = [] as string[], env = {} } = {}) {
  const [file = '', ...words] = [...command, address, ...args]
  const child = spawn(file, words, { env: { ...process.env, ...env } })
  child.stdin.on('error', () => {}).end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: code as number }
}

const say = async (by: TestPerson, room: string, body: string) => {
  const { status, text } = await by.request(`/api/room/${room}`, { body: { body } })
  assert.equal(status, 201, text)
}

/** What was said in a room, first to last. */
async function saidIn(by: TestPerson, room: string): Promise<string[]> {
  const { text } = await by.request(`/api/room/${room}?timeout=1&after=0`, {
    headers: { accept: 'text/event-stream' },
  })
  return [...text.matchAll(/^event: message.created\ndata: ([^\n]*)/gm)].map(
    ([, data = '']) => JSON.parse(data).body,
  )
}

/** A way to the site, which can be cut, and can lose the answers. */
class Way {
  readonly #sockets = new Set<Socket>()
  #server = createServer()
  losesAnswers = false
  requests = ''
  port = 0

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  async open() {
    this.port ||= await freePort()
    const { hostname, port } = new URL(siteUrl())
    this.#server = createServer((client) => {
      const site = connect(Number(port), hostname)
      for (const socket of [client, site]) {
        this.#sockets.add(socket)
        socket.on('error', () => {}).on('close', () => this.#cut(client, site))
      }
      client.on('data', (bytes) => {
        this.requests += bytes
        site.write(bytes)
      })
      site.on('data', (bytes) => (this.losesAnswers ? this.#cut(client, site) : client.write(bytes)))
    }).listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    open.add(this)
    return this
  }

  end = () => {
    this.#server.close()
    this.#cut(...this.#sockets)
  }

  #cut(...sockets: Socket[]) {
    for (const socket of sockets) {
      socket.destroy()
      this.#sockets.delete(socket)
    }
  }
}

test('the line being typed stays while others speak, however long it is', inTerminal, async () => {
  const ada = await person()
  const { room, terminal } = await openConsole()
  const [, name] = /as (\S+)\.$/m.exec(terminal.screen().join('\n')) ?? []
  const line =
    'This goes on over more than one row of a terminal, for it is long, and so it goes, and then ends.'
  const typed = new RegExp(`.{1,${columns}}`, 'g')
  const rowsOf = (text: string) => (text.match(typed) ?? []).map((row) => row.trimEnd())
  const time = new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  // The minute may pass meanwhile, and who only posts is taken to have left after a while.
  const untimed = (rows: string[]) =>
    rows.filter((row) => !row.startsWith(`* ${ada.name}`)).map((row) => row.replace(/^\d\d:\d\d/, time))
  terminal.type(line.slice(1))
  await terminal.endsWith('ends.')
  await say(ada, room, 'one')
  await terminal.shows(/: one$/)
  // To the line's start, and so to its first row.
  terminal.type('\x01')
  await say(ada, room, 'two\nand\nthree')
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
  assert.deepEqual(await saidIn(ada, room), ['one', 'two\nand\nthree', line])
})

test('/who, /join, /leave, /help and /quit do what they say', inTerminal, async () => {
  const ada = await person('ada', { firstName: 'Bob' })
  const { room, terminal } = await openConsole()
  await say(ada, room, 'hello')
  await terminal.shows(`* ${ada.username} joined`)
  await terminal.shows(`${ada.username}: hello`)
  terminal.enter('/who')
  await terminal.shows(new RegExp(`^\\* 2 in ${room}: .*${ada.username}`))
  const other = unique()
  terminal.enter(`/join ${other}`)
  await terminal.shows(`* You are in ${other} as `)
  terminal.enter('over here')
  await eventually(async () => (await saidIn(ada, other)).includes('over here'), 15_000)
  terminal.enter('/join no!room')
  await terminal.shows(/^\* Use 1 to 32 letters/)
  await terminal.endsWith(`\n${other}>`)
  terminal.enter('/leave')
  await terminal.shows(`* You have left ${other}.`)
  terminal.enter('nobody hears this')
  await terminal.shows('* You are in no room.')
  terminal.enter('/help')
  await terminal.shows(/^\/join room/)
  terminal.enter('/quit')
  assert.equal(await terminal.exitCode(), 0)
  assert.deepEqual(await saidIn(ada, room), ['hello'])
})

test('/login changes who speaks, in the same room, and asks for a password unseen', inTerminal, async () => {
  const username = `ada-${unique()}`
  const password = 'correct horse'
  assert.equal((await request('/api/register', { body: { username, password } })).status, 200)
  const bob = await person('bob')
  const { room, terminal } = await openConsole()
  await say(bob, room, 'before')
  await terminal.shows('before')
  terminal.enter(`/login ${username}`)
  await terminal.endsWith(`Password of ${username}:`)
  await say(bob, room, 'meanwhile')
  await terminal.shows('meanwhile')
  terminal.enter(password)
  await terminal.shows(`You are in ${room} as`)
  await terminal.endsWith(`\n${room}>`)
  terminal.enter('it is me')
  await terminal.shows(/it is me/)
  assert.doesNotMatch(terminal.output, /correct/)
  assert.equal(terminal.output.split('before').length, 2, 'what was shown is not shown again')
  terminal.enter(`/login ${username} wrong-horse`)
  await terminal.shows(/password/i)
  // Neither is in the history.
  terminal.type('\x1b[A')
  await terminal.endsWith('it is me')
  terminal.type('\x03')
  assert.equal(await terminal.exitCode(), 0)
})

test('streams that end in their time are followed with nothing missed or doubled', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  const room = unique()
  const notes: string[] = []
  const site = new Site(siteUrl(), (text) => notes.push(text))
  site.token = bob.token
  const stop = new AbortController()
  const heard: number[] = []
  let streams = 0
  const listening = (async () => {
    for await (const event of follow(site, room, { seconds: 1, signal: stop.signal })) {
      if (event.type === 'message') heard.push(event.seq)
      else if (event.user.id === bob.id) streams++
    }
  })()
  await eventually(() => streams, 15_000)
  let sent = 0
  while (streams < 3) {
    await say(ada, room, `line ${++sent}`)
    assert.ok(sent < 2000)
  }
  await eventually(() => heard.length >= sent, 15_000)
  stop.abort()
  await listening
  assert.deepEqual(
    heard,
    Array.from({ length: sent }, (_, index) => index + 1),
  )
  assert.deepEqual(notes, [])
})

test('while the site is away a line is kept, and said once when it is back', inTerminal, async () => {
  const ada = await person()
  const way = await new Way().open()
  const { room, terminal } = await openConsole({ address: way.url })
  await say(ada, room, 'one')
  await terminal.shows('one')
  way.end()
  await terminal.shows('The site is away.')
  terminal.enter('kept')
  await say(ada, room, 'two')
  await way.open()
  await terminal.shows('The site is back.')
  await terminal.shows(/: two/)
  await terminal.shows(/: kept/)
  assert.deepEqual(await saidIn(ada, room), ['one', 'two', 'kept'])
  for (const text of [': one', 'is away.', 'site is back.', ': two', ': kept'])
    assert.equal(terminal.screen().join('\n').split(text).length, 2, `${text} once`)
  terminal.enter('/quit')
  assert.equal(await terminal.exitCode(), 0)
})

test('a line whose answer got lost is not said twice', inTerminal, async () => {
  const ada = await person()
  const way = await new Way().open()
  const { room, terminal } = await openConsole({ address: way.url })
  way.losesAnswers = true
  terminal.enter('only once')
  await eventually(() => way.requests.split('only once').length > 2, 15_000)
  way.losesAnswers = false
  await terminal.shows(/: only once/)
  terminal.enter('and more')
  await terminal.shows(/: and more/)
  assert.deepEqual(await saidIn(ada, room), ['only once', 'and more'])
})

test('leaving while the site is away tells what was not said', inTerminal, async () => {
  const way = await new Way().open()
  const { terminal } = await openConsole({ address: way.url })
  way.end()
  await terminal.shows('The site is away.')
  terminal.enter('too late')
  terminal.enter('/quit')
  assert.equal(await terminal.exitCode(), 3)
  assert.match(terminal.screen().join(''), /Not said.*too late/)
})

test('over a pipe it says the lines, and ends when they were answered', async () => {
  const ada = await person()
  const room = unique()
  const { code, out, err } = await pipe('hi\r\n\n/who\nünd\u2028tschüss', { args: ['--room', room] })
  assert.equal(code, 0, err)
  assert.deepEqual(await saidIn(ada, room), ['hi', 'ünd\u2028tschüss'])
  assert.match(out, /^\* 1 in /m)
  assert.ok(!(out + err).includes('\x1b') && !out.includes('> '))
})

test('over a pipe it can log in, with the password from the environment', async () => {
  const username = `ada-${unique()}`
  const room = unique()
  const options = { args: ['--room', room, '--login', username], env: { PARLEY_PASSWORD: 'correct horse' } }
  const { code, err } = await pipe('hi', options)
  assert.equal(code, 0, err)
  assert.match(err, new RegExp(`as ${username}\\.`))
  const wrong = await pipe('hi', { ...options, env: { PARLEY_PASSWORD: 'wrong horse' } })
  assert.equal(wrong.code, 3)
  assert.deepEqual(await saidIn(await person(), room), ['hi'])
})

test('exit codes tell what went wrong', async () => {
  const usage = await pipe('', { args: ['--what'] })
  assert.equal(usage.code, 1)
  assert.match(usage.err, /Usage: npm run console -- <address>/)
  assert.equal((await pipe('', { address: `http://127.0.0.1:${await freePort()}` })).code, 2)
  assert.equal((await pipe('', { args: ['--room', 'no!room'] })).code, 3)
  const room = unique()
  const refused = await pipe('/join no!room\nnot to be said here', { args: ['--room', room] })
  assert.equal(refused.code, 3)
  assert.deepEqual(await saidIn(await person(), room), [])
  const help = await pipe('', { args: ['--help'] })
  assert.equal(help.code, 0)
  assert.match(help.out, /Exit codes/)
})

test('NO_COLOR is respected', inTerminal, async () => {
  const ada = await person()
  const colourful = await openConsole()
  const { terminal } = await openConsole({ room: colourful.room, env: { NO_COLOR: '1' } })
  await say(ada, colourful.room, 'to see')
  await Promise.all([terminal.shows(/: to see/), colourful.terminal.shows(/: to see/)])
  assert.ok(colourful.terminal.output.includes('\x1b[1m'))
  assert.ok(!terminal.output.includes('\x1b[1m'))
})

test('a line too many waits its time, and is said; a guest too many is told so', async () => {
  const [ada, room] = [await account(), unique()]
  const limited = await startOtherSite({ PARLEY_LIMITS: 'on' })
  try {
    await exhaust('send', { id: ada.id, address: null }, 8)
    const { err, code } = await pipe('hello\n', {
      address: limited.url,
      args: ['--room', room, '--login', ada.username],
      env: { PARLEY_PASSWORD: password },
    })
    assert.equal(code, 0, err)
    assert.match(err, /Too many messages\. Try again in \d seconds?\./)
    assert.deepEqual(await saidIn(ada, room), ['hello'])
    await exhaust('guest', { address: '127.0.0.1' }, 60)
    const refused = await pipe('hello\n', { address: limited.url })
    assert.equal(refused.code, 3)
    assert.match(refused.err, /^\* Too many guests\. Try again in \d+ seconds\.\n$/)
  } finally {
    await limited.stop()
  }
})
