import { sendTo } from '@/app/conversation/send'
import { inRoom } from '@/lib/rooms'
import { api } from '@/lib/web/api'

/** Sending joins the room, because the sender may have lost their place while they were offline. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: sendTo((user, { name }, send) => inRoom(user, name, ({ id }) => send(id))),
})
