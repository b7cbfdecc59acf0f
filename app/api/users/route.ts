import { searchPeople } from '@/lib/people'
import { api, signedInByToken } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(async (user, { query }) => Response.json(await searchPeople(user, query))),
})
