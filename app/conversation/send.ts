import { z } from 'zod'
import type { Outcome } from '@/app/browser/outbox'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { check, seq } from '@/lib/fields'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { sendMessage } from '@/lib/messages'
import { setReaction } from '@/lib/reactions'
import type { Message } from '@/lib/views'
import { type Call, sentByPage } from '@/lib/web/api'

type Act = (user: CurrentUser, conversationId: string, input: unknown) => Promise<Message>
/** Calls `act` with the id of the conversation that the path names. */
type Find = (
  user: CurrentUser,
  params: Call['params'],
  act: (conversationId: string) => Promise<Message>,
) => Promise<Message>

/** Does what a page's outbox sends, and answers with the message as it is then. */
const fromOutbox = (act: Act) => (find: Find) =>
  sentByPage(async (user, { params, json }) => {
    try {
      const input = await json()
      return answer({ stored: await find(user, params, (id) => act(user, id, input)) })
    } catch (error) {
      if (error instanceof Refusal) return answer(explain(error))
      throw error
    }
  })

/** Stores a message. */
export const sendTo = fromOutbox(async (user, id, input) => (await sendMessage(user, id, input)).message)

const messageChange = z.discriminatedUnion('what', [
  // editMessage() checks the other fields.
  z.looseObject({ what: z.literal('edit'), seq }),
  z.object({ what: z.literal('delete'), seq }),
  z.object({ what: z.literal('react'), seq, emoji: z.string(), added: z.boolean() }),
])

/** Changes a message. */
export const changeIn = fromOutbox((user, id, input) => {
  const change = check(messageChange, input)
  switch (change.what) {
    case 'edit':
      return editMessage(user, id, change.seq, change)
    case 'delete':
      return deleteMessage(user, id, change.seq)
    case 'react':
      return setReaction(user, id, change.seq, change.emoji, change.added)
  }
})

function explain({ errors, message, retryAfter }: Refusal): Outcome {
  const reason = errors?.body ?? message
  return retryAfter ? { holdUp: reason, waitMs: retryAfter * 1000 } : { refusal: reason }
}

/** Always with status 200: the page shows refusals, and the browser would log other statuses as errors. */
const answer = (outcome: Outcome) => Response.json(outcome)
