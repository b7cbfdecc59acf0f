import { seqIn } from '@/lib/fields'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { api, noContent, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  PATCH: signedInByToken(async (user, { params, json }) =>
    Response.json(await editMessage(user, params.id, seqIn(params.seq), await json())),
  ),
  DELETE: signedInByToken(async (user, { params }) => {
    await deleteMessage(user, params.id, seqIn(params.seq))
    return noContent()
  }),
})
