import 'server-only'
import { cache } from 'react'
import { loadOverview } from '@/lib/overview'
import { openedRoom } from './opened-room'
import { currentUser } from './page-user'

/** The signed-in person's overview, for the frame of pages. A room that is being opened is in it. */
export const pageOverview = cache(async () => {
  const user = await currentUser()
  if (!user) return undefined
  await openedRoom()
  return loadOverview(user)
})
