import { register } from '@/lib/accounts'
import { startLoginSession } from '@/lib/login-sessions'
import { api } from '@/lib/web/api'
import { originOf } from '@/lib/web/origin'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: async ({ request, json }) => {
    const origin = originOf(request.headers)
    const user = await register(await json(), origin)
    const { token } = await startLoginSession(user.id, 'api', origin)
    return Response.json({ user, token })
  },
})
