import 'server-only'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { on } from 'node:events'

// Questions and answers between two processes of the site that are connected by a channel of Node.js.

type Peer = ChildProcess | NodeJS.Process
type Question = { id: string; question: string }
type Answer = { id: string; answer: unknown }

/** @throws if there is no answer in time */
export async function ask<Result>(peer: Peer, question: string, timeoutMs: number): Promise<Result> {
  const id = randomUUID()
  const messages = on(peer, 'message', { signal: AbortSignal.timeout(timeoutMs) })
  send(peer, { id, question } satisfies Question)
  for await (const [message] of messages)
    if (message.id === id && 'answer' in message) return (message as Answer).answer as Result
  throw new Error('The other process has ended.')
}

/** Answers the peer's questions with the results of these functions. */
export function answer(peer: Peer, answers: Record<string, () => unknown>) {
  peer.on('message', async ({ id, question }: Question) => {
    const find = answers[question]
    if (find) send(peer, { id, answer: await find() } satisfies Answer)
  })
}

/** Ignores errors: if the peer has ended, nobody waits for the message. */
const send = (peer: Peer, message: object) => peer.send?.(message, undefined, undefined, () => {})
