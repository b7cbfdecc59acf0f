import { searchPeople } from '@/lib/people'
import { api, signedIn } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedIn(async (user, { query }) => Response.json(await searchPeople(user, query))),
})
