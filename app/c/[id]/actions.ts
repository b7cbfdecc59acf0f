'use server'

import { redirect } from 'next/navigation'
import { type Message, sendMessage as send } from '@/lib/messages'
import { markRead as mark } from '@/lib/receipts'
import { isScripted, userAction } from '@/lib/web/form-action'

/** Sends what the composer holds; a browser alone comes back to the conversation with an empty one. */
export const sendMessage = userAction<Message>(async (user, { conversationId = '', ...values }) => {
  const { message } = await send(user, conversationId, values)
  if (await isScripted()) return { result: message }
  redirect(`/c/${conversationId}`)
})

/** Said by the page that shows the messages, when somebody looks at it. */
export const markRead = userAction(async (user, { conversationId = '', ...values }) => {
  await mark(user, conversationId, values)
  return undefined
})
