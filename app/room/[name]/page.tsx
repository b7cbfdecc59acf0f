import { redirect } from 'next/navigation'
import { ConversationView, orNotFound, readMessages } from '@/app/c/[id]/view'
import { joinRoom, leaveRoom } from '@/app/rooms/actions'
import { ButtonForm } from '@/app/ui/button-form'
import { Page, Shell } from '@/app/ui/shell'
import { getConversation } from '@/lib/conversations'
import { Refusal } from '@/lib/errors'
import { enterRoom, findRoom } from '@/lib/rooms'
import { requireUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'

type Props = PageProps<'/room/[name]'>

export async function generateMetadata({ params }: Props) {
  return titleWithUnread((await params).name)
}

export default async function RoomPage({ params, searchParams }: Props) {
  const { name } = await params
  const user = await requireUser(`/room/${name}`)
  // proxy.ts has sent away what can be no room's name.
  const room = await findRoom(name).catch(orNotFound)
  if (!room)
    return (
      <Shell user={user} view="page">
        <Page title={name}>
          <p>There is no room of this name yet. Join, and it is made.</p>
          <div className="flex">
            <ButtonForm action={joinRoom} values={{ name }} className="button-primary">
              Join
            </ButtonForm>
          </div>
        </Page>
      </Shell>
    )
  await enterRoom(user, room.id)
  const { before } = await searchParams
  const [conversation, messages] = await Promise.all([
    getConversation(user, room.id),
    readMessages(user, room.id, before),
    pageOverview(),
  ]).catch(leftMeanwhile)
  return (
    <ConversationView
      user={user}
      conversation={conversation}
      messages={messages}
      before={before}
      leave={
        <ButtonForm action={leaveRoom} values={{ id: room.id }}>
          Leave
        </ButtonForm>
      }
    />
  )
}

/** Somebody may leave, in another tab, while the page is made. */
function leftMeanwhile(error: unknown): never {
  if (error instanceof Refusal) redirect('/rooms')
  throw error
}
