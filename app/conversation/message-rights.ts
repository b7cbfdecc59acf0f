import { isStillEditable } from '@/lib/editable'
import type { ConversationView, Message } from '@/lib/views'

/** What a person may do with a message, to show only that. The server decides it again. */
export function rightsOf(message: Message, { kind, people, isClosed }: ConversationView, userId: string) {
  const isThere = message.kind === 'said' && !message.deletedAt
  const isOwn = message.sender.id === userId
  const isOwner = kind === 'group' && people.some(({ id, role }) => id === userId && role === 'owner')
  return {
    answer: isThere && !isClosed,
    edit: isThere && isOwn && !isClosed && isStillEditable(message.createdAt),
    delete: isThere && (isOwn || isOwner),
  }
}
