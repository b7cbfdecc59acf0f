import { createHmac } from 'node:crypto'
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'
import type { Person } from './seed'
import type { Realtime } from './ways'

/** Takes a message's nonce as it arrives. */
export type Arrived = (nonce: string) => void

/**
 * As little of a Pusher client as receives: a library's own work would be measured too. The app's secret signs for
 * it, which the site does as a rule.
 */
export async function openPusher(
  { url, key, secret }: Realtime,
  person: Person,
  channels: string[],
  arrived: Arrived,
) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/app/${key}?protocol=7&client=bench&version=1`, {
    perMessageDeflate: false,
  })
  const send = (event: string, data: unknown) => socket.send(JSON.stringify({ event, data }))
  const sign = (text: string) => `${key}:${createHmac('sha256', secret).update(text).digest('hex')}`
  let missing = channels.length
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('close', () => reject(new Error('Soketi closed a socket.')))
    socket.on('message', (data) => {
      const text = String(data)
      if (text.includes('message.created')) return arrived(/nonce\W+([\w-]+)/.exec(text)?.[1] ?? '')
      if (text.includes('pusher:ping')) return send('pusher:pong', {})
      if (text.includes('subscription_error')) return reject(new Error(text))
      if (text.includes('subscription_succeeded') && --missing === 0) return resolve()
      if (!text.includes('connection_established')) return
      const id = /socket_id\W+([\d.]+)/.exec(text)?.[1]
      const user_data = JSON.stringify({ id: `bench-${person.id}` })
      send('pusher:signin', { user_data, auth: sign(`${id}::user::${user_data}`) })
      for (const channel of channels) send('pusher:subscribe', { channel, auth: sign(`${id}:${channel}`) })
    })
  })
}

export function openSocketIo(url: string, conversationId: string, arrived: Arrived) {
  const socket = io(url, { transports: ['websocket'], forceNew: true, auth: { conversationId } })
  socket.on('message.created', ({ nonce }) => arrived(nonce))
  return new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve()).once('connect_error', reject)
  })
}
