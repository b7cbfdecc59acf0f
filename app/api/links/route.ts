import { listLinks, makeLink } from '@/lib/links'
import { api, signedInByToken } from '@/lib/web/api'
import { siteAddress } from '@/lib/web/site-address'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: signedInByToken(async (user, { request, json }) => {
    const { id, token, expiresAt } = await makeLink(user, await json())
    const url = `${siteAddress(request.headers)}/join/${token}`
    return Response.json({ id, url, expiresAt }, { status: 201 })
  }),
  GET: signedInByToken(async (user, { query }) => Response.json(await listLinks(user, query))),
})
