'use server'

import { discardDraft as discard, keepDraft } from '@/lib/drafts'
import { sendMessage as send } from '@/lib/messages'
import { inRoom } from '@/lib/rooms'
import { showChange, userAction } from '@/lib/web/form-action'
import { readOwner, refuseOtherOwner } from '@/lib/web/form-owner'

/** Sends the composer's text if JavaScript is off; otherwise the outbox sends it. */
export const sendMessage = userAction(
  async (user, { conversationId = '', room, owner, draft, ...values }) => {
    refuseOtherOwner(user, owner)
    const sending = () => send(user, conversationId, values)
    await (room ? inRoom(user, room, sending) : sending())
    if (draft) await discard(user, draft)
    // Without the query, which may name a message that was answered by this.
    return showChange(room ? `/room/${room}` : `/c/${conversationId}`)
  },
  async ({ owner, ...values }) => {
    const userId = readOwner(owner)
    return userId && keepDraft(userId, values)
  },
)

/** For a composer whose script keeps the draft from now on. */
export const discardDraft = userAction(async (user, { draft = '' }) => {
  await discard(user, draft)
  return undefined
})
