import { livePageFor } from '@/app/conversation/live-page'
import { enterRoom } from '@/lib/attendance'
import { missing } from '@/lib/errors'
import { findRoom } from '@/lib/rooms'

export const { GET, POST, PUT, PATCH, DELETE } = livePageFor(async (user, { name }) => {
  const room = await findRoom(name)
  // Only joining creates a room.
  if (!room) throw missing('room')
  await enterRoom(user, room.id)
  return room.id
})
