import { api, signedInByToken } from '@/lib/web/api'
import { streamOf } from '../../../stream'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(streamOf({ find: (_user, { id }) => id })),
})
