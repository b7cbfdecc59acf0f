import { createHmac } from 'node:crypto'
import { io } from 'socket.io-client'
import { WebSocket } from 'ws'
import type { Realtime } from './ways'

/** Called with the nonce of each received message. */
export type OnMessage = (nonce: string) => void

/**
 * A minimal Pusher client, because the work of a library would be measured too. It signs with the app's secret itself,
 * which is normally done by the site.
 */
export async function openPusher(
  { url, key, secret }: Realtime,
  person: { id: string },
  channels: string[],
  onMessage: OnMessage,
  signInAs = `bench-${person.id}`,
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
      if (text.includes('message.created')) return onMessage(/nonce\W+([\w-]+)/.exec(text)?.[1] ?? '')
      if (text.includes('pusher:ping')) return send('pusher:pong', {})
      if (text.includes('subscription_error')) return reject(new Error(text))
      if (text.includes('subscription_succeeded') && --missing === 0) return resolve()
      if (!text.includes('connection_established')) return
      const id = /socket_id\W+([\d.]+)/.exec(text)?.[1]
      const user_data = JSON.stringify({ id: signInAs })
      send('pusher:signin', { user_data, auth: sign(`${id}::user::${user_data}`) })
      for (const channel of channels) send('pusher:subscribe', { channel, auth: sign(`${id}:${channel}`) })
    })
  })
  return socket
}

export function openSocketIo(url: string, conversationId: string, onMessage: OnMessage) {
  const socket = io(url, { transports: ['websocket'], forceNew: true, auth: { conversationId } })
  socket.on('message.created', ({ nonce }) => onMessage(nonce))
  return new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve()).once('connect_error', reject)
  })
}
