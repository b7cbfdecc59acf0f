import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import { hasOutbox } from '@/app/browser/browser-storage'
import { reportReceipts } from '@/app/browser/report-receipts'
import type { Store } from '@/app/browser/store'
import { useStore } from '@/app/browser/store-context'
import { userChannel } from '@/lib/realtime/channels'
import { connectRealtime, disconnectRealtime, subscribe } from '@/lib/realtime/client'
import type { Events } from '@/lib/realtime/events'
import { fullName } from './person-name'

/** Shown only on the page with this path, on which it appeared. */
type Notice = { path: string; text: string; href: string; link: string }

/** The other events on the person's channel. */
const passedOn = ['conversation.created', 'conversation.touched', 'report.created', 'report.closed'] as const

const pollEveryMs = 4000
/** A shorter break is not mentioned. */
const patienceMs = 2500

/** Keeps the store of a signed-in page up to date, and shows invitations, answers and a lost connection. */
export function Live() {
  const store = useStore()
  const { userId } = store
  const path = usePathname()
  const [notice, setNotice] = useState<Notice>()
  const isConnected = useConnection(store)

  const onInvited = useEffectEvent((invitation: Events['invitation.created']) => {
    store.receive('invitation.created', invitation)
    if (invitation.invitee.id === userId)
      setNotice({
        path,
        text: `${fullName(invitation.inviter)} invited you to ${invitation.conversation ? `the group ${invitation.conversation.name}` : 'a conversation'}.`,
        href: '/invitations',
        link: 'Answer',
      })
  })
  const onAnswered = useEffectEvent((invitation: Events['invitation.answered']) => {
    store.receive('invitation.answered', invitation)
    const { inviter, invitee, status } = invitation
    if (inviter.id === userId && status !== 'withdrawn')
      setNotice({
        path,
        text: `${fullName(invitee)} ${status} your invitation.`,
        href: '/',
        link: 'See your conversations',
      })
  })

  useEffect(
    () =>
      subscribe(connectRealtime(store.realtime), userChannel(store.userId), {
        'invitation.created': onInvited,
        'invitation.answered': onAnswered,
        ...Object.fromEntries(
          passedOn.map((name) => [name, (data: Events[typeof name]) => store.receive(name, data)]),
        ),
        // Catches up on events that were missed since the render, or during a break.
        'pusher:subscription_succeeded': () => store.update(),
      }),
    [store],
  )
  useEffect(() => reportReceipts(store), [store])
  useSignedOut(store)
  useWaitingMessages(store)
  useSearchKey()

  return (
    <>
      <div role="status" className="no-print sticky top-0 z-10 md:col-span-2">
        {!isConnected && (
          <p className="bg-ink text-paper py-0.5 text-center text-sm">
            Reconnecting… New messages may be delayed.
          </p>
        )}
      </div>
      <div
        role="status"
        className="no-print pointer-events-none fixed inset-x-0 top-6 z-10 grid justify-items-center"
      >
        {notice?.path === path && (
          <p className="appear bg-raised border-line pointer-events-auto m-3 flex flex-wrap items-center gap-x-3 rounded-lg border px-4 py-2 shadow-lg">
            {notice.text}
            <Link href={notice.href} prefetch={false} className="link" onClick={() => setNotice(undefined)}>
              {notice.link}
            </Link>
            <button type="button" className="button button-quiet px-2" onClick={() => setNotice(undefined)}>
              Dismiss
            </button>
          </p>
        )}
      </div>
    </>
  )
}

/** Whether the socket is up. While it isn't, a visible page polls every few seconds instead. */
function useConnection(store: Store) {
  const [isConnected, setConnected] = useState(true)
  useEffect(() => {
    let patience: ReturnType<typeof setTimeout> | undefined
    let polling: ReturnType<typeof setInterval> | undefined
    let isOver = false
    const poll = () => document.hidden || store.update()
    const onState = ({ current }: { current: string }) => {
      clearTimeout(patience)
      clearInterval(polling)
      if (isOver) return
      if (current === 'connected') return setConnected(true)
      patience = setTimeout(() => setConnected(false), patienceMs)
      polling = setInterval(poll, pollEveryMs)
      // The server closed it: perhaps the login session has ended, which the update finds out.
      if (current === 'disconnected') store.update()
    }
    const connecting = connectRealtime(store.realtime)
    connecting.then(({ connection }) => {
      connection.bind('state_change', onState)
      // It began to connect before this handler was bound, and may never change its state again.
      onState({ current: connection.state })
    })
    return () => {
      isOver = true
      clearTimeout(patience)
      clearInterval(polling)
      connecting.then(({ connection }) => connection.unbind('state_change', onState))
    }
  }, [store])
  return isConnected
}

/**
 * When the login session has ended, renders the page again: that redirects to the login, or shows the new person's
 * page.
 */
function useSignedOut(store: Store) {
  const { refresh } = useRouter()
  useEffect(() => {
    store.onSignedOut = () => {
      disconnectRealtime()
      refresh()
    }
    return () => {
      // A response that is still on its way must not close the socket of the next login session.
      store.onSignedOut = () => {}
    }
  }, [store, refresh])
}

/** Sends waiting messages from every page. The code for it is loaded only if there are any. */
function useWaitingMessages(store: Store) {
  useEffect(() => {
    const flush = async () => {
      if (!hasOutbox(store.userId)) return
      const { outboxOf } = await import('@/app/browser/outbox')
      const outbox = outboxOf(store.userId)
      outbox.onSignedOut = () => store.onSignedOut()
      outbox.flush()
    }
    // The site has answered an update, so it can take messages as well.
    store.onUpdated = flush
    flush()
  }, [store])
}

/** Moves the focus to the search when `/` is pressed outside a field. */
function useSearchKey() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
      const search = document.querySelector<HTMLInputElement>('input[name="q"]')
      if (event.key !== '/' || isTyping || !search) return
      event.preventDefault()
      search.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
