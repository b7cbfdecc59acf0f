import { z } from 'zod'
import { leaveRoom } from '@/lib/attendance'
import type { CurrentUser } from '@/lib/current-user'
import { missing } from '@/lib/errors'
import { check, seq, streamSeconds } from '@/lib/fields'
import { newestSeq, sendMessage } from '@/lib/messages'
import { findRoom, inRoom, joinRoom } from '@/lib/rooms'
import { openStream } from '@/lib/streams'
import { api, type Call, noContent, signedInByToken } from '@/lib/web/api'
import { formatFor, streamLife, streamResponse } from '@/lib/web/stream-response'

/** So many messages of before are told to who does not say after which. */
const toldOnJoining = 20

const bounds = z.object({ timeout: streamSeconds.default(60), after: seq.nullish() })

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(async (user, { request, params: { name }, query }) => {
    const { timeout, after } = check(bounds, { after: request.headers.get('last-event-id'), ...query })
    const { id } = await joinRoom(user, { name })
    const from = after ?? Math.max(0, (await newestSeq(id)) - toldOnJoining)
    const life = streamLife(request, timeout)
    const items = await openStream(user, id, { after: from, life })
    const format = formatFor(request.headers.get('accept'))
    const head = format.write({ kind: 'joined', person: personOf(user) })
    return streamResponse(items, { ...format, head }, life)
  }),
  POST: signedInByToken(async (user, call) => {
    const draft = await readDraft(call)
    const { message, isNew } = await inRoom(user, call.params.name, ({ id }) => sendMessage(user, id, draft))
    return Response.json(message, { status: isNew ? 201 : 200 })
  }),
  DELETE: signedInByToken(async (user, { params: { name } }) => {
    const room = await findRoom(name)
    if (!room) throw missing('room')
    await leaveRoom(user, room.id)
    return noContent()
  }),
})

const personOf = ({ id, username, name }: CurrentUser) => ({ id, username, name })

/** JSON, where the content type says so; else the body is what is said, so that `curl -d hello` says hello. */
async function readDraft({ request, json, text }: Call) {
  if (request.headers.get('content-type')?.includes('json')) return json()
  return { body: (await text()).replace(/\r?\n$/, '') }
}
