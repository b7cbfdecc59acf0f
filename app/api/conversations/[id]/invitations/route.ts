import { inviteToGroup } from '@/lib/groups'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { params, json }) =>
    Response.json(await inviteToGroup(user, params.id, await json()), { status: 201 }),
  ),
})
