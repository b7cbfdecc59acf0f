import { startSession } from '@/lib/guests'
import { startLoginSession } from '@/lib/login-sessions'
import { noteRequest } from '@/lib/presence'
import { api } from '@/lib/web/api'
import { originOf } from '@/lib/web/origin'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: async ({ request, json }) => {
    const origin = originOf(request.headers)
    const user = await startSession(await json(), origin)
    const { token } = await startLoginSession(user.id, 'api', origin)
    await noteRequest(user.id)
    return Response.json({ user: { ...user, status: 'online' }, token })
  },
})
