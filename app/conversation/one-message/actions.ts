'use server'

import { refresh } from 'next/cache'
import { redirect } from 'next/navigation'
import { discardDraft, keepDraft } from '@/lib/drafts'
import { seqIn } from '@/lib/fields'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { reportMessage } from '@/lib/reports'
import { inRoom } from '@/lib/rooms'
import { isScripted, userAction } from '@/lib/web/form-action'
import { readOwner, refuseOtherOwner } from '@/lib/web/form-owner'
import { permalink } from '../permalink'

/** Replaces the text of a message. */
export const saveEdit = userAction(
  async (user, { conversationId = '', seq = '', room, owner, draft, ...values }) => {
    refuseOtherOwner(user, owner)
    const saving = () => editMessage(user, conversationId, seqIn(seq), values)
    try {
      await (room ? inRoom(user, room, saving) : saving())
    } catch (error) {
      // The page shows the message as it is now.
      if (await isScripted()) refresh()
      throw error
    }
    if (draft) await discardDraft(user, draft)
    return redirect(placeOf(conversationId, seq, room))
  },
  async ({ owner, ...values }) => {
    const userId = readOwner(owner)
    return userId && keepDraft(userId, values)
  },
)

export const removeMessage = userAction(async (user, { conversationId = '', seq = '', room }) => {
  const removing = () => deleteMessage(user, conversationId, seqIn(seq))
  await (room ? inRoom(user, room, removing) : removing())
  return redirect(placeOf(conversationId, seq, room))
})

export const report = userAction(async (user, { conversationId = '', seq = '', room, ...values }) => {
  const reporting = () => reportMessage(user, conversationId, seqIn(seq), values)
  await (room ? inRoom(user, room, reporting) : reporting())
  return { notice: 'Reported. Your settings show when a moderator has looked at it.' }
})

/** Where the conversation shows the message. The values are those of a message that was found. */
const placeOf = (conversationId: string, seq: string, room?: string) =>
  permalink(room ? `/room/${room}` : `/c/${conversationId}`, seqIn(seq))
