import 'server-only'
import { cache } from 'react'
import { loadOverview } from '@/lib/overview'
import { currentUser } from './current-user'

/** The signed-in person's overview, loaded once for a page and its title. */
export const pageOverview = cache(async () => {
  const user = await currentUser()
  return user && loadOverview(user)
})

/** A page's title with what waits to be read, other than in the conversation that is open. */
export async function titleWithUnread(title: string, openId?: string) {
  const { conversations = [] } = (await pageOverview()) ?? {}
  const count = conversations.reduce(
    (sum, { id, lastSeq, lastReadSeq }) => sum + (id === openId ? 0 : lastSeq - lastReadSeq),
    0,
  )
  return {
    title: { absolute: `${count ? `(${count}) ` : ''}${title}${title === 'Parley' ? '' : ' – Parley'}` },
  }
}
