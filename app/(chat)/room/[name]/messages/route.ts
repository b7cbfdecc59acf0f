import { sendTo } from '@/app/conversation/send'
import { inRoom } from '@/lib/rooms'
import { api } from '@/lib/web/api'

/** Sending joins: who wrote while away has left the room meanwhile. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: sendTo((user, name, send) => inRoom(user, name, ({ id }) => send(id))),
})
