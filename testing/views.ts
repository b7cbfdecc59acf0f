import { plainMessage } from '@/lib/plain-message'
import type { Message, SharedMessage } from '@/lib/views'

export const personView = (id: string) => ({ id, username: id, name: id })

/** A message as pages show it, for tests without a database. */
export function messageView(seq: number, more: Partial<Message> = {}): Message {
  return {
    ...plainMessage,
    id: `m${seq}`,
    conversationId: 'c',
    seq,
    said: seq,
    sender: personView('bob'),
    body: `message ${seq}`,
    nonce: `n${seq}`,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...more,
  }
}

/** The data of the event about a new message. */
export const createdEvent = (message: SharedMessage, conversationVersion = 0) => ({
  ...message,
  conversationVersion,
})
