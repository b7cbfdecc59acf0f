import { isModerator } from '@/lib/roles'
import { rightsOf } from '../message-rights'
import type { Opened } from './open-message'

/** What the reader can do on the pages of a message: also what moderators can do in rooms. */
export function rightsOnPage({ user, conversation, message }: Opened) {
  const rights = rightsOf(message, conversation, user.id)
  const isThere = message.kind === 'said' && !message.deletedAt
  const mayModerate = isThere && conversation.kind === 'room' && isModerator(user)
  return { ...rights, delete: rights.delete || mayModerate }
}
