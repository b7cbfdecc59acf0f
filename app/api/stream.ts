import { z } from 'zod'
import type { CurrentUser } from '@/lib/current-user'
import { check, seq, streamSeconds } from '@/lib/fields'
import type { StreamItem } from '@/lib/stream-reader'
import { openStream } from '@/lib/streams'
import type { Call } from '@/lib/web/api'
import { formatFor, streamLife, streamResponse } from '@/lib/web/stream-response'

export const streamQuery = z.object({
  timeout: streamSeconds.default(60).meta({ description: 'Seconds until it ends, 60 by default.' }),
  after: seq.nullish().meta({ description: 'The `seq` of the last message that you have.' }),
  since: seq.nullish().meta({
    description: 'The conversation’s version up to which you have its changes; its current one by default.',
  }),
})

type Source = {
  /** Finds the conversation's id from the path's parameters. */
  find: (user: CurrentUser, params: Call['params']) => Promise<string> | string
  /** What the stream begins with. */
  first?: (user: CurrentUser) => StreamItem
}

/** Makes the handler that streams a conversation in the form that the client accepts. */
export const streamOf =
  ({ find, first }: Source) =>
  async (user: CurrentUser, { request, params, query }: Call) => {
    const { headers } = request
    const { timeout, after, since } = check(streamQuery, { ...query, ...resumed(headers) })
    const life = streamLife(request, timeout)
    const items = await openStream(user, await find(user, params), { after, since, life })
    const format = formatFor(headers.get('accept'))
    const head = (format.head ?? '') + (first ? format.write(first(user)) : '')
    return streamResponse(items, { ...format, head }, life)
  }

/** An `EventSource` reconnects with the query of its first request, so the header counts and not the query. */
function resumed(headers: Headers) {
  const [after, since] = headers.get('last-event-id')?.split('.') ?? []
  return after && { after, since }
}
