import { leaveRoom } from '@/lib/attendance'
import { missing } from '@/lib/errors'
import { sendMessage } from '@/lib/messages'
import { findRoom, inRoom, joinRoom } from '@/lib/rooms'
import { api, type Call, noContent, signedInByToken } from '@/lib/web/api'
import { streamOf } from '../../stream'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken(
    streamOf({
      find: async (user, { name }) => (await joinRoom(user, { name })).id,
      first: ({ id, username, name }) => ({ kind: 'joined', person: { id, username, name } }),
    }),
  ),
  POST: signedInByToken(async (user, call) => {
    const draft = await readDraft(call)
    const { message, isNew } = await inRoom(user, call.params.name, ({ id }) => sendMessage(user, id, draft))
    return Response.json(message, { status: isNew ? 201 : 200 })
  }),
  DELETE: signedInByToken(async (user, { params }) => {
    const room = await findRoom(params.name)
    if (!room) throw missing('room')
    await leaveRoom(user, room.id)
    return noContent()
  }),
})

/** A body that is not declared as JSON is the message itself, so that `curl -d hello` says hello. */
async function readDraft({ request, json, text }: Call) {
  if (request.headers.get('content-type')?.includes('json')) return json()
  return { body: (await text()).replace(/\r?\n$/, '') }
}
