import type { Message, Person } from '@/lib/views'

const usual = {
  kind: 'said',
  version: 0,
  editedAt: null,
  deletedAt: null,
  replyTo: null,
  reactions: [],
  mentions: [],
} satisfies Partial<Message>

/** A message without what its page knows anyway, so that the page is smaller. */
export type PackedMessage = Omit<Message, keyof typeof usual | 'conversationId' | 'said'> & Partial<Message>

/** Messages of one conversation for the page's script. React sends the same object only once. */
export function packMessages(messages: Message[]): PackedMessage[] {
  const senders = new Map<string, Person>()
  return messages.map(({ conversationId, said, ...message }) => {
    const sender = senders.get(message.sender.id) ?? message.sender
    senders.set(sender.id, sender)
    const packed: PackedMessage = { ...message, sender, ...(said !== message.seq && { said }) }
    for (const name of Object.keys(usual) as (keyof typeof usual)[])
      if (String(packed[name] ?? '') === String(usual[name] ?? '')) delete packed[name]
    return packed
  })
}

export const unpackMessages = (messages: PackedMessage[], conversationId: string): Message[] =>
  messages.map((message) => ({ ...usual, conversationId, said: message.seq, ...message }))
