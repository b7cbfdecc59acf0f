'use server'

import { type Message, sendMessage as send } from '@/lib/messages'
import { markRead as mark } from '@/lib/receipts'
import { joinRoom } from '@/lib/rooms'
import { isScripted, showChange, userAction } from '@/lib/web/form-action'

/** Sends what the composer holds; a browser alone comes back to the conversation with an empty one. */
export const sendMessage = userAction<Message>(async (user, { conversationId = '', room, ...values }) => {
  if (room) await joinRoom(user, { name: room })
  const { message } = await send(user, conversationId, values)
  return (await isScripted()) ? { result: message } : showChange()
})

/** Said by the page that shows the messages, when somebody looks at it. */
export const markRead = userAction(async (user, { conversationId = '', ...values }) => {
  await mark(user, conversationId, values)
  return undefined
})
