import { Refusal } from '@/lib/errors'
import { listMessages } from '@/lib/messages'
import { api } from '@/lib/web/api'
import { currentUser } from '@/lib/web/current-user'

/** Messages for the conversation's own page: older ones, and those it missed. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: async ({ id, query }) => {
    const user = await currentUser()
    if (!user) throw new Refusal(401, 'Your login session has ended.')
    return Response.json({ messages: await listMessages(user, id, query) })
  },
})
