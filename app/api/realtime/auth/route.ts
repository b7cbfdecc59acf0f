import { authorizeSocket } from '@/lib/realtime/authorize'
import { api, signedInAnyway } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInAnyway(async (user, { form }) => Response.json(await authorizeSocket(user, await form()))),
})
