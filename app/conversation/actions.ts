'use server'

import { sendMessage as send } from '@/lib/messages'
import { inRoom } from '@/lib/rooms'
import { discardDraftHere, keepDraftHere } from '@/lib/web/draft-cookie'
import { showChange, userAction } from '@/lib/web/form-action'
import { readAuthor, refuseOther } from '@/lib/web/form-owner'

/** Sends what the composer holds, where there is no script; with one, the outbox does. */
export const sendMessage = userAction(
  async (user, { conversationId = '', room, author, draft, ...values }) => {
    refuseOther(user, author)
    const sending = () => send(user, conversationId, values)
    await (room ? inRoom(user, room, sending) : sending())
    if (draft) await discardDraftHere(user, conversationId)
    return showChange()
  },
  async ({ author, ...values }) => {
    const writer = readAuthor(author)
    if (writer) await keepDraftHere(writer, values)
  },
)

/** Said by a composer whose script keeps the text from now on. */
export const discardDraft = userAction(async (user, { conversationId = '' }) => {
  await discardDraftHere(user, conversationId)
  return undefined
})
