import 'server-only'
import { headers } from 'next/headers'
import { cache } from 'react'
import { enterRoom } from '@/lib/attendance'
import { Refusal } from '@/lib/errors'
import { findRoom } from '@/lib/rooms'
import type { Room } from '@/lib/views'
import { roomHeader } from './page-gate'
import { requireUser } from './page-user'

/** Joins the room whose page is being rendered, once per request. */
export const openedRoom = cache(async (): Promise<{ room?: Room; alert?: string }> => {
  const name = (await headers()).get(roomHeader)
  if (!name) return {}
  const user = await requireUser(`/room/${name}`)
  const room = await findRoom(name)
  if (!room) return {}
  try {
    await enterRoom(user, room.id)
    return { room }
  } catch (error) {
    // The room was removed meanwhile, or the person joins too many rooms.
    if (error instanceof Refusal) return { alert: error.message }
    throw error
  }
})
