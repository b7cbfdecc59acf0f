import { authorizeSocket } from '@/lib/realtime/authorize'
import { api, signedInByTokenOrCookie } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByTokenOrCookie(async (user, { form }) =>
    Response.json(await authorizeSocket(user, await form())),
  ),
})
