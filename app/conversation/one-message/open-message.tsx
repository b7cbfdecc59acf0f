import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { missingPage } from '@/app/(chat)/missing'
import { Alert } from '@/app/ui/alert'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { getConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { seqIn } from '@/lib/fields'
import { findMessage } from '@/lib/history'
import type { ConversationView, Message } from '@/lib/views'
import { openedRoom } from '@/lib/web/opened-room'
import { requireUser } from '@/lib/web/page-user'
import { notKeptPage } from '../not-kept'
import { messagePath } from '../permalink'

export type Opened = {
  user: CurrentUser
  conversation: ConversationView
  message: Message
  /** The path of the conversation's page. */
  path: string
  draft: string
}

type View = (opened: Opened) => Promise<ReactNode>
type Props<Params> = { params: Promise<Params>; searchParams: Promise<Record<string, unknown>> }

/** Makes the page of a message in a conversation. `rest` is its path below `/c/<id>/m/<seq>`. */
export const pageInConversation = (view: View, rest = '') =>
  orTooSlow(async ({ params, searchParams }: Props<{ id: string; seq: string }>) => {
    const { id, seq } = await params
    const user = await requireUser(messagePath(`/c/${id}`, seq) + rest)
    const opened = await openMessage(user, id, seq)
    if (!opened) return missingPage()
    const { kind, name } = opened.conversation
    if (kind === 'room') redirect(messagePath(`/room/${name}`, seq) + rest)
    return show(view, opened, { path: `/c/${id}`, draft: String((await searchParams).draft) })
  }, Page)

/** Makes the same page of a message in a room, which the person joins by opening it. */
export const pageInRoom = (view: View, rest = '') =>
  orTooSlow(async ({ params, searchParams }: Props<{ name: string; seq: string }>) => {
    const { name, seq } = await params
    const user = await requireUser(messagePath(`/room/${name}`, seq) + rest)
    const { room, alert } = await openedRoom()
    if (alert)
      return (
        <Page title={name}>
          <Alert>{alert}</Alert>
        </Page>
      )
    const opened = room && (await openMessage(user, room.id, seq))
    if (!opened) return missingPage()
    return show(view, opened, { path: `/room/${room.name}`, draft: String((await searchParams).draft) })
  }, Page)

type Found = Omit<Opened, 'path' | 'draft' | 'message'> & { message?: Message }

const show = (view: View, { message, ...found }: Found, place: Pick<Opened, 'path' | 'draft'>) =>
  message ? view({ ...found, message, ...place }) : notKeptPage(place.path)

/** Without a message if it is no longer kept. */
async function openMessage(user: CurrentUser, id: string, seq: string): Promise<Found | undefined> {
  try {
    const [conversation, message] = await Promise.all([
      getConversation(user, id),
      findMessage(user, id, seqIn(seq)),
    ])
    const isExpired = seqIn(seq) > 0 && seqIn(seq) < conversation.firstSeq
    return message || isExpired ? { user, conversation, message } : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
