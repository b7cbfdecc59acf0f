import { changeIn } from '@/app/conversation/send'
import { inRoom } from '@/lib/rooms'
import { api } from '@/lib/web/api'

/** Joins the room, because the person may have lost their place while they were offline. */
export const { GET, POST, PUT, PATCH, DELETE } = api({
  POST: changeIn((user, { name }, change) => inRoom(user, name, ({ id }) => change(id))),
})
