import { endLoginSession } from '@/lib/login-sessions'
import { api, noContent, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user) => {
    await endLoginSession(user, user.loginSessionId)
    return noContent()
  }),
})
