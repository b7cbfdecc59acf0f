import type { Message } from './views'

/** What a message has that was just sent and neither answers nor mentions anyone. */
export const plainMessage = {
  kind: 'said',
  version: 0,
  editedAt: null,
  deletedAt: null,
  replyTo: null,
  reactions: [],
  mentions: [],
} satisfies Partial<Message>
