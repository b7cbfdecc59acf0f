import { asRefusal } from '@/lib/errors'
import { exportByForm } from '@/lib/export/export'
import { api } from '@/lib/web/api'
import { requireSameOrigin } from '@/lib/web/same-origin'
import { userOf } from '@/lib/web/session-cookie'
import { archiveName, zipResponse } from '@/lib/web/zip-response'
import { refusedPath } from '../refused'

/** Answers the form with the archive, which an action cannot. What is refused is shown by the form's page. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: async ({ request, form }) => {
    requireSameOrigin(request.headers)
    const user = await userOf(request.headers)
    if (!user) return seeOther('/login?from=%2Fsettings%2Fdata')
    const values = await form()
    try {
      return await zipResponse(request, archiveName(user.username), (signal) =>
        exportByForm(user, values, signal),
      )
    } catch (error) {
      const refusal = asRefusal(error)
      if (!refusal) throw error
      return seeOther(refusedPath(refusal))
    }
  },
})

const seeOther = (location: string) => new Response(null, { status: 303, headers: { location } })
