import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, password, test, uniqueEnding } from './people'

const siteUrl = process.env.PARLEY_SITE_URL ?? ''
const root = fileURLToPath(new URL('..', import.meta.url))

/** A program and its output so far. */
class Program {
  output = ''
  readonly process: ChildProcessWithoutNullStreams

  constructor(command: string, args: string[]) {
    this.process = spawn(command, args, { cwd: root, env: { ...process.env, PARLEY_PASSWORD: password } })
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text
      })
  }

  async sees(text: string) {
    await expect.poll(() => this.output).toContain(text)
  }

  /** Ends the program's input, or sends it a signal, and waits for its exit. */
  async ends(signal?: 'SIGTERM') {
    const { exitCode, signalCode, stdin } = this.process
    if (exitCode !== null || signalCode) return
    const exited = once(this.process, 'exit')
    stdin.end()
    if (signal) this.process.kill(signal)
    await exited
  }
}

test('what one of four kinds of client sends appears at once on the three others', async ({
  person,
  stranger,
  request,
}) => {
  const [ada, bob] = [await person('ada'), await person('bob', { javaScriptEnabled: false })]
  const [curlUser, consoleUser] = [await stranger('curl'), await stranger('console')]
  for (const one of [curlUser, consoleUser]) await one.hasAccount()
  const room = `All-${uniqueEnding()}`
  for (const one of [ada, bob]) await one.joins(room)

  const login = await request.post('/api/login', { data: { username: curlUser.username, password } })
  const { token } = await login.json()
  const curlArgs = ['-sSN', '-H', `Authorization: Bearer ${token}`, `${siteUrl}/api/room/${room}`]
  const consoleArgs = ['run', '-s', 'console', '--', siteUrl, '--room', room, '--login', consoleUser.username]
  const curl = new Program('curl', curlArgs)
  const terminal = new Program('npm', consoleArgs)
  try {
    for (const one of [curlUser, consoleUser])
      for (const reader of [ada, bob]) await expect(reader.note(`${one.name} joined`)).toBeVisible()
    await curl.sees(`${consoleUser.name} joined`)
    const loads = [ada.countsLoads(), bob.countsLoads()]

    await ada.says('from the browser with JavaScript')
    const fromScripted = 'from the browser with JavaScript'
    await expect(bob.live.getByText(fromScripted, { exact: true })).toBeVisible()
    for (const program of [curl, terminal]) await program.sees(`${ada.name}: ${fromScripted}`)

    const said = await new Promise<string>((resolve) => {
      const once = new Program('curl', [...curlArgs, '-d', 'from curl'])
      once.process.on('close', () => resolve(once.output))
    })
    expect(JSON.parse(said)).toMatchObject({ body: 'from curl', sender: { username: curlUser.username } })
    await ada.sees('from curl')
    await expect(bob.live.getByText('from curl', { exact: true })).toBeVisible()
    await terminal.sees(`${curlUser.name}: from curl`)

    terminal.process.stdin.write('from the console\n')
    await ada.sees('from the console')
    await expect(bob.live.getByText('from the console', { exact: true })).toBeVisible()
    await curl.sees(`${consoleUser.name}: from the console`)
    expect(
      loads.map((count) => count()),
      'how often the pages were loaded again',
    ).toEqual([0, 0])

    await bob.says('from the browser without')
    await ada.sees('from the browser without')
    for (const program of [curl, terminal]) await program.sees(`${bob.name}: from the browser without`)
    expect(loads[0]?.()).toBe(0)
    await ada.seesAll([fromScripted, 'from curl', 'from the console', 'from the browser without'])
  } finally {
    await Promise.all([curl.ends('SIGTERM'), terminal.ends()])
  }
})
