import { redirect } from 'next/navigation'
import { ConversationView, orNotFound, readMessages } from '@/app/c/[id]/view'
import { joinRoom, leaveRoom } from '@/app/rooms/actions'
import { Alert } from '@/app/ui/alert'
import { ButtonForm } from '@/app/ui/button-form'
import { orAlert } from '@/app/ui/or-alert'
import { Page, Shell } from '@/app/ui/shell'
import { orTooSlow, titleOrTooSlow } from '@/app/ui/slow-page'
import { getConversation } from '@/lib/conversations'
import { Refusal } from '@/lib/errors'
import { enterRoom, findRoom } from '@/lib/rooms'
import { requireUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'

type Props = PageProps<'/room/[name]'>

async function makeMetadata({ params }: Props) {
  return titleWithUnread((await params).name)
}

export const generateMetadata = titleOrTooSlow(makeMetadata)

async function RoomPage({ params, searchParams }: Props) {
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
  // The room may have been removed meanwhile, or the person joins too many.
  const { alert } = await orAlert(
    enterRoom(user, room.id).then(() => ({})),
    {},
  )
  if (alert)
    return (
      <Shell user={user} view="page">
        <Page title={name}>
          <Alert>{alert}</Alert>
        </Page>
      </Shell>
    )
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

export default orTooSlow(RoomPage)

/** Somebody may leave, in another tab, while the page is made. */
function leftMeanwhile(error: unknown): never {
  if (error instanceof Refusal) redirect('/rooms')
  throw error
}
