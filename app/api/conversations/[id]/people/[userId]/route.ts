import { removeFromGroup, setRole } from '@/lib/group-members'
import { api, noContent, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  PATCH: signedInByToken(async (user, { params, json }) =>
    Response.json(await setRole(user, params.id, params.userId, await json())),
  ),
  DELETE: signedInByToken(async (user, { params }) => {
    await removeFromGroup(user, params.id, params.userId)
    return noContent()
  }),
})
