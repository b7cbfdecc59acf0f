import type { Outcome } from '@/app/browser/outbox'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { sendMessage } from '@/lib/messages'
import { type Call, sentByPage } from '@/lib/web/api'

type Send = (conversationId: string) => ReturnType<typeof sendMessage>

/** Stores a message from a page's outbox. `find` calls `send` with the id of the conversation that the path names. */
export const sendTo = (find: (user: CurrentUser, params: Call['params'], send: Send) => ReturnType<Send>) =>
  sentByPage(async (user, { params, json }) => {
    try {
      const input = await json()
      const { message } = await find(user, params, (id) => sendMessage(user, id, input))
      return answer({ stored: message })
    } catch (error) {
      if (error instanceof Refusal) return answer(explain(error))
      throw error
    }
  })

function explain({ errors, message, retryAfter }: Refusal): Outcome {
  const reason = errors?.body ?? message
  return retryAfter ? { holdUp: reason, waitMs: retryAfter * 1000 } : { refusal: reason }
}

/** Always with status 200: the page shows refusals, and the browser would log other statuses as errors. */
const answer = (outcome: Outcome) => Response.json(outcome)
