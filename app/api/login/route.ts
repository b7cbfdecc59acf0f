import { getUser, logIn } from '@/lib/accounts'
import { startLoginSession } from '@/lib/login-sessions'
import { noteRequest } from '@/lib/presence'
import { api } from '@/lib/web/api'
import { originOf } from '@/lib/web/origin'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: async ({ request, json }) => {
    const origin = originOf(request.headers)
    const { id } = await logIn(await json(), origin)
    const { token } = await startLoginSession(id, 'api', origin)
    await noteRequest(id)
    return Response.json({ token, user: await getUser(id) })
  },
})
