import { MessageList } from '../message-list'
import type { Opened } from './open-message'

/** A message as its conversation shows it, without the links to what this page offers. */
export const OneMessage = ({ user, conversation, message, path }: Opened) => (
  <div className="-mx-4">
    <MessageList
      state={{ messages: [message], userId: user.id, notes: [] }}
      conversation={conversation}
      path={path}
      isAlone
    />
  </div>
)
