import { Refusal } from '@/lib/errors'
import { readWebhook } from '@/lib/realtime/webhook'
import { api, noContent } from '@/lib/web/api'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: async ({ request, text }) => {
    const isOurs = await readWebhook(request.headers, await text())
    if (!isOurs) throw new Refusal(401, 'The signature does not match.')
    return noContent()
  },
})
