import { z } from 'zod'
import type { CurrentUser } from '@/lib/current-user'
import { check, seq, streamSeconds } from '@/lib/fields'
import { newestSeq } from '@/lib/history'
import { joinRoom } from '@/lib/rooms'
import { openStream } from '@/lib/streams'
import type { Call } from '@/lib/web/api'
import { formatFor, streamLife, streamResponse } from '@/lib/web/stream-response'

/** How many older messages a stream begins with if the client doesn't say after which. */
const olderMessages = 20

export const streamQuery = z.object({
  timeout: streamSeconds.default(60).meta({ description: 'Seconds until it ends, 60 by default.' }),
  after: seq.nullish().meta({ description: 'The `seq` of the last message that you have.' }),
})

/** Joins the room and streams what is said there. */
export async function streamRoom(user: CurrentUser, { request, params: { name }, query }: Call) {
  const { headers } = request
  const { timeout, after } = check(streamQuery, { after: headers.get('last-event-id'), ...query })
  const { id } = await joinRoom(user, { name })
  const from = after ?? Math.max(0, (await newestSeq(id)) - olderMessages)
  const life = streamLife(request, timeout)
  const items = await openStream(user, id, { after: from, life })
  const format = formatFor(headers.get('accept'))
  const head = format.write({ kind: 'joined', person: personOf(user) })
  return streamResponse(items, { ...format, head }, life)
}

const personOf = ({ id, username, name }: CurrentUser) => ({ id, username, name })
