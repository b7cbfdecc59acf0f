import { plainMessage } from '@/lib/plain-message'
import type { Message, Person } from '@/lib/views'

/** A message without what its page knows anyway, so that the page is smaller. */
export type PackedMessage = Omit<Message, keyof typeof plainMessage | 'conversationId' | 'said'> &
  Partial<Message>

/** Messages of one conversation for the page's script. React sends the same object only once. */
export function packMessages(messages: Message[]): PackedMessage[] {
  const senders = new Map<string, Person>()
  return messages.map(({ conversationId, said, ...message }) => {
    const sender = senders.get(message.sender.id) ?? message.sender
    senders.set(sender.id, sender)
    const packed: PackedMessage = { ...message, sender, ...(said !== message.seq && { said }) }
    for (const name of Object.keys(plainMessage) as (keyof typeof plainMessage)[])
      if (String(packed[name] ?? '') === String(plainMessage[name] ?? '')) delete packed[name]
    return packed
  })
}

export const unpackMessages = (messages: PackedMessage[], conversationId: string): Message[] =>
  messages.map((message) => ({ ...plainMessage, conversationId, said: message.seq, ...message }))
