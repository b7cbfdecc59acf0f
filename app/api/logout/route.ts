import { endLoginSession } from '@/lib/login-sessions'
import { api, noContent, signedIn } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedIn(async (user) => {
    await endLoginSession(user, user.loginSessionId)
    return noContent()
  }),
})
