'use server'

import { seqIn } from '@/lib/fields'
import { setReaction } from '@/lib/reactions'
import { inRoom } from '@/lib/rooms'
import { showChange, userAction } from '@/lib/web/form-action'

/** Adds a reaction to a message, or removes it. */
export const react = userAction(
  async (user, { conversationId = '', room, seq = '', emoji = '', removes }) => {
    const setting = () => setReaction(user, conversationId, seqIn(seq), emoji.trim(), !removes)
    await (room ? inRoom(user, room, setting) : setting())
    return showChange()
  },
)
