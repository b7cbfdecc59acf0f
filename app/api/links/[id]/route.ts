import { endLink } from '@/lib/links'
import { api, noContent, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  DELETE: signedInByToken(async (user, { params }) => {
    await endLink(user, params.id)
    return noContent()
  }),
})
