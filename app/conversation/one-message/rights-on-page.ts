import { hasModerators, isModerator } from '@/lib/roles'
import { rightsOf } from '../message-rights'
import type { Opened } from './open-message'

/** What the reader can do on the pages of a message: also report it, and what moderators can do in rooms. */
export async function rightsOnPage({ user, conversation, message }: Opened) {
  const rights = rightsOf(message, conversation, user.id)
  const isThere = message.kind === 'said' && !message.deletedAt
  const mayModerate = isThere && conversation.kind === 'room' && isModerator(user)
  return {
    ...rights,
    delete: rights.delete || mayModerate,
    report: isThere && message.sender.id !== user.id && (await hasModerators()),
  }
}
