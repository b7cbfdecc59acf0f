import { seqIn } from '@/lib/fields'
import { setReaction } from '@/lib/reactions'
import { api, noContent, signedInByToken } from '@/lib/web/api'

const set = (added: boolean) =>
  signedInByToken(async (user, { params: { id, seq, emoji } }) => {
    await setReaction(user, id, seqIn(seq), emoji, added)
    return noContent()
  })

export const { GET, POST, PUT, PATCH, DELETE } = api({
  PUT: set(true),
  DELETE: set(false),
})
