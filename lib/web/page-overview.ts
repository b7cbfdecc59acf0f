import 'server-only'
import { headers } from 'next/headers'
import { cache } from 'react'
import { loadOverview } from '@/lib/overview'
import { openedRoom } from './opened-room'
import { listHeader } from './page-gate'
import { currentUser } from './page-user'

/** The overview for the frame around the page, loaded once per request. It includes a room that the page joins. */
export const pageOverview = cache(async () => {
  const user = await currentUser()
  if (!user) return undefined
  await openedRoom()
  return loadOverview(user, { cursor: (await headers()).get(listHeader) || undefined })
})
