import Link from 'next/link'
import { ResetNotice } from '@/app/(account)/reset/reset-notice'
import { upTo99 } from '@/app/ui/count'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { listBusyRooms, listOnline } from '@/lib/home'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'
import { News, OnlineNow } from './home'
import { Landing } from './landing'
import { RoomList } from './rooms/room-list'

async function HomePage({ searchParams }: PageProps<'/'>) {
  const user = await currentUser()
  if (!user) {
    const { deleted } = await searchParams
    return <Landing settings={await pageSettings()} isFarewell={deleted !== undefined} />
  }
  const { isGuest, firstName, username, resetLinkMadeAt } = user
  const [online, rooms] = await Promise.all([isGuest ? [] : listOnline(user), listBusyRooms(user)])
  return (
    <Page title={`Hello, ${firstName ?? username}`} tab="" isWide>
      {resetLinkMadeAt && <ResetNotice madeAt={resetLinkMadeAt} />}
      <News isGuest={isGuest} />
      <div className="grid gap-8 lg:grid-cols-2">
        {!isGuest && <OnlineNow others={online} />}
        <Section title="Active rooms">
          {rooms.length ? (
            <RoomList rooms={rooms.map((room) => ({ ...room, count: upTo99(room.count) }))} />
          ) : (
            <p className="text-muted">
              Nobody is in a room now.{' '}
              <Link href="/room/lobby" prefetch={false} className="link">
                Be the first in the lobby
              </Link>
            </p>
          )}
        </Section>
      </div>
    </Page>
  )
}

export default orTooSlow(HomePage, Welcome)
