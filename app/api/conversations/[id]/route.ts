import { renameGroup } from '@/lib/groups'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  PATCH: signedInByToken(async (user, { params, json }) =>
    Response.json(await renameGroup(user, params.id, await json())),
  ),
})
