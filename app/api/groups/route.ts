import { createGroup } from '@/lib/groups'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { json }) =>
    Response.json(await createGroup(user, await json()), { status: 201 }),
  ),
})
