import { seqIn } from '@/lib/fields'
import { reportMessage } from '@/lib/reports'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { params, json }) => {
    const { report, isNew } = await reportMessage(user, params.id, seqIn(params.seq), await json())
    return Response.json(report, { status: isNew ? 201 : 200 })
  }),
})
