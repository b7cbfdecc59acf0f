import { livePageFor } from '@/app/c/[id]/live/live-page'
import { joinRoom } from '@/lib/rooms'

export const { GET, POST, PUT, PATCH, DELETE } = livePageFor(
  async (user, name) => (await joinRoom(user, { name })).id,
)
