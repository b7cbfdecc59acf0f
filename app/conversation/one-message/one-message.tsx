import { MessageList } from '../message-list'
import type { Opened } from './open-message'

/** A message as its conversation shows it. */
export const OneMessage = ({ user, conversation, message, path }: Opened) => (
  <div className="-mx-4">
    <MessageList
      state={{ messages: [message], userId: user.id, notes: [] }}
      conversation={conversation}
      path={path}
    />
  </div>
)
