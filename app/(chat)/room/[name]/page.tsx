import Link from 'next/link'
import { redirect } from 'next/navigation'
import { joinRoom, leaveRoom } from '@/app/(chat)/rooms/actions'
import { ConversationView, openConversation } from '@/app/conversation/conversation-page'
import { withPlace } from '@/app/conversation/permalink'
import { Alert } from '@/app/ui/alert'
import { ButtonForm } from '@/app/ui/button-form'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { isRoomName } from '@/lib/fields'
import { isModerator } from '@/lib/roles'
import { openedRoom } from '@/lib/web/opened-room'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../missing'

async function RoomPage({ params, searchParams }: PageProps<'/room/[name]'>) {
  const { name } = await params
  const query = await searchParams
  const user = await requireUser(withPlace(`/room/${name}`, query))
  if (!isRoomName(name)) return missingPage()
  const { room, alert } = await openedRoom()
  if (alert)
    return (
      <Page title={name}>
        <Alert>{alert}</Alert>
      </Page>
    )
  if (!room && !user.mayMakeRooms)
    return (
      <Page title={name}>
        <p>This room does not exist, and you cannot create rooms on this site.</p>
        <p>
          <Link href="/rooms" prefetch={false} className="link">
            All rooms
          </Link>
        </p>
      </Page>
    )
  if (!room)
    return (
      <Page title={name}>
        <p>This room does not exist yet. Join to create it.</p>
        <div className="flex">
          <ButtonForm action={joinRoom} values={{ name }} className="button-primary">
            Join
          </ButtonForm>
        </div>
      </Page>
    )
  const opened = await openConversation(user, room.id, query)
  // The person may leave, in another tab, while the page is rendered.
  if (!opened) redirect('/rooms')
  return (
    <ConversationView
      user={user}
      {...opened}
      leave={
        <>
          {isModerator(user) && (
            <Link
              href={`/room/${room.name}/moderate`}
              prefetch={false}
              className="button button-quiet min-w-11 px-2"
            >
              <span className="max-sm:sr-only">Moderate</span>
              <svg aria-hidden viewBox="0 0 24 24" className="size-6 fill-current sm:hidden">
                <path d="M12 2 4 5v6c0 5 3.4 9.4 8 11 4.6-1.6 8-6 8-11V5Z" />
              </svg>
            </Link>
          )}
          <ButtonForm action={leaveRoom} values={{ id: room.id }}>
            Leave
          </ButtonForm>
        </>
      }
    />
  )
}

export default orTooSlow(RoomPage, Page)
