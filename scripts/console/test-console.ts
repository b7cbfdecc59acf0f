import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { siteUrl } from '@/testing/http'
import { type TestPerson, unique } from '@/testing/people'
import { PseudoTerminal } from './pseudo-terminal'

const command = [process.execPath, '--conditions=react-server', 'scripts/run.mjs', 'console']
const terminals = new Set<PseudoTerminal>()
after(() => {
  for (const terminal of terminals) terminal.end()
})

/** Starts the console in a terminal and in a new room, and waits for its prompt. */
export async function openConsole({
  room = unique(),
  address = siteUrl(),
  args = [] as string[],
  env = {} as Record<string, string>,
} = {}) {
  const terminal = new PseudoTerminal([...command, address, '--room', room, ...args], env)
  terminals.add(terminal)
  await terminal.endsWith(`\n${room}>`)
  return { room, terminal }
}

/** Runs the console without a terminal. */
export async function pipeToConsole(
  input: string,
  { address = siteUrl(), args = [] as string[], env = {} } = {},
) {
  const [file = '', ...words] = [...command, address, ...args]
  const child = spawn(file, words, { env: { ...process.env, ...env } })
  child.stdin.on('error', () => {}).end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: code as number }
}

export async function sendTo(room: string, { request }: TestPerson, body: string) {
  const { status, text } = await request(`/api/room/${room}`, { body: { body } })
  assert.equal(status, 201, text)
}

/** The bodies of a room's messages, from the first to the last. */
export async function messagesOf(room: string, { request }: TestPerson): Promise<string[]> {
  const { text } = await request(`/api/room/${room}?timeout=1&after=0`, {
    headers: { accept: 'text/event-stream' },
  })
  return [...text.matchAll(/^event: message.created\ndata: ([^\n]*)/gm)].map(
    ([, data = '']) => JSON.parse(data).body,
  )
}
