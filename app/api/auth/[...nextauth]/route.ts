import { NextRequest } from 'next/server'
import { api } from '@/lib/web/api'
import { handlers } from '@/lib/web/auth'
import { readBytes } from '@/lib/web/body'
import { requireSameOrigin } from '@/lib/web/same-origin'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: ({ request: { url, headers } }) => handlers.GET(new NextRequest(url, { headers })),
  POST: async ({ request }) => {
    const { url, method, headers } = request
    requireSameOrigin(headers)
    return handlers.POST(new NextRequest(url, { method, headers, body: await readBytes(request) }))
  },
})
