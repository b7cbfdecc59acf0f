import { changeIn } from '@/app/conversation/send'
import { api } from '@/lib/web/api'

/** Used by the conversation's page: edits and deletes messages, and sets reactions. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: changeIn((_user, { id }, change) => change(id)),
})
