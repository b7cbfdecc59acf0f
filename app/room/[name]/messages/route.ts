import { sendTo } from '@/app/c/[id]/messages/send'
import { joinRoom } from '@/lib/rooms'
import { api } from '@/lib/web/api'

/** Sending joins: who wrote while away has left the room meanwhile. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: sendTo(async (user, name) => (await joinRoom(user, { name })).id),
})
