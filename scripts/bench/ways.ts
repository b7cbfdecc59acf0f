import { io } from 'socket.io-client'
import { ask, call, PageForm } from '../http'
import type { Pair } from './seed'

/** The ways to send a message that are compared. In each, the other person receives it by a socket. */
export type Kind = 'floor' | 'socket.io' | 'API' | 'page' | 'form'

export interface Way {
  name: string
  kind: Kind
  url: string
  /** The Soketi of the receivers' sockets. Not set for `socket.io`, which has its own sockets. */
  realtime?: Realtime
}

export interface Realtime {
  url: string
  key: string
  secret: string
}

export type Send = (body: string, nonce: string) => Promise<unknown>

/** Returns the function by which a pair's sender sends. */
export async function openSender({ kind, url }: Way, pair: Pair): Promise<Send> {
  const { conversationId, sender } = pair
  if (kind === 'form') {
    const form = await PageForm.read(`${url}/c/${conversationId}`, 'body', sender.cookie)
    return async (body, nonce) => expect(303, await form.post({ body, nonce }))
  }
  if (kind === 'page') {
    const headers = {
      'content-type': 'application/json',
      origin: url,
      cookie: sender.cookie,
      'parley-user': sender.id,
    }
    return async (body, nonce) => {
      const options = { method: 'POST', headers, body: JSON.stringify({ body, nonce }) }
      const { text } = expect(200, await ask(`${url}/c/${conversationId}/messages`, options))
      // A refusal has the same status, but not the nonce.
      if (!text.includes(nonce)) throw new Error(`The page's send answered ${text}`)
    }
  }
  if (kind === 'socket.io') {
    const socket = io(url, { transports: ['websocket'], forceNew: true, auth: { conversationId } })
    await new Promise((resolve) => socket.once('connect', () => resolve(undefined)))
    return (body, nonce) => socket.emitWithAck('send', { senderId: sender.id, body, nonce })
  }
  if (kind === 'floor')
    return (body, nonce) => call(url, { conversationId, senderId: sender.id, body, nonce })
  const path = `${url}/api/conversations/${conversationId}/messages`
  return (body, nonce) => call(path, { body, nonce }, sender.token)
}

function expect<Answer extends { status: number; text: string }>(status: number, answer: Answer) {
  if (answer.status !== status)
    throw new Error(`A send answered ${answer.status}: ${answer.text.slice(0, 200)}`)
  return answer
}
