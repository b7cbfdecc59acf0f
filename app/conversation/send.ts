import type { Outcome } from '@/app/browser/outbox'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { sendMessage } from '@/lib/messages'
import { type Call, requireFromHere } from '@/lib/web/api'
import { userOf } from '@/lib/web/session-cookie'

type Send = (conversationId: string) => ReturnType<typeof sendMessage>

/** Takes what a page's outbox sends; `find` has it sent to the conversation that the path names. */
export const sendTo =
  (find: (user: CurrentUser, name: string, send: Send) => ReturnType<Send>) =>
  async ({ request, id: name, json }: Call) => {
    requireFromHere(request)
    // Also proves that a page of this site asks: no other can set it.
    const writer = request.headers.get('parley-user')
    if (!writer) throw new Refusal(400, 'This path takes what the pages of this site send.')
    const user = await userOf(request.headers)
    // Somebody else may have logged in, in another tab, since it was written.
    if (user?.id !== writer) return answer({ isSignedOut: true })
    try {
      const input = await json()
      const { message } = await find(user, name, (id) => sendMessage(user, id, input))
      return answer({ stored: message })
    } catch (error) {
      if (error instanceof Refusal) return answer(explain(error))
      throw error
    }
  }

function explain({ errors, message, retryAfter }: Refusal): Outcome {
  const reason = errors?.body ?? message
  return retryAfter ? { holdUp: reason, waitMs: retryAfter * 1000 } : { refusal: reason }
}

/** Never a status of refusal: the page shows it, and the browser would call it an error of the site. */
const answer = (outcome: Outcome) => Response.json(outcome)
