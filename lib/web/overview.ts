import 'server-only'
import { cache } from 'react'
import { loadOverview } from '@/lib/overview'
import { currentUser } from './current-user'
import { openedRoom } from './opened-room'

/** The signed-in person's overview, for the frame of pages. A room that is being opened is in it. */
export const pageOverview = cache(async () => {
  const user = await currentUser()
  if (!user) return undefined
  await openedRoom()
  return loadOverview(user)
})
