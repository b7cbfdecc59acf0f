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

/** It goes with the page, by its path, on which it came. */
type Notice = { path: string; text: string; href: string; link: string }

const askEveryMs = 4000
/** A break that is over by then needs no words. */
const patienceMs = 2500

/** Keeps the store of a signed-in page live, and says what matters. */
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
        text: `${fullName(invitation.inviter)} invited you to a conversation.`,
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
        'conversation.created': (data: Events['conversation.created']) =>
          store.receive('conversation.created', data),
        'conversation.touched': (data: Events['conversation.touched']) =>
          store.receive('conversation.touched', data),
        // Between the render and now, and in a break, events were missed.
        'pusher:subscription_succeeded': () => store.update(),
      }),
    [store],
  )
  useEffect(() => reportReceipts(store), [store])
  useSignedOut(store)
  useWaitingMessages(store)
  useSearchKey()

  return (
    <div
      role="status"
      className="no-print pointer-events-none fixed inset-x-0 top-0 z-10 grid justify-items-center"
    >
      {!isConnected && (
        <p className="bg-ink text-paper w-full py-0.5 text-center text-sm">
          Reconnecting… New messages may be delayed.
        </p>
      )}
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
  )
}

/** Whether the socket is up. While it is not, a visible page asks every few seconds instead. */
function useConnection(store: Store) {
  const [isConnected, setConnected] = useState(true)
  useEffect(() => {
    let patience: ReturnType<typeof setTimeout> | undefined
    let asking: ReturnType<typeof setInterval> | undefined
    let isOver = false
    const ask = () => document.hidden || store.update()
    const onState = ({ current }: { current: string }) => {
      clearTimeout(patience)
      clearInterval(asking)
      if (isOver) return
      if (current === 'connected') return setConnected(true)
      patience = setTimeout(() => setConnected(false), patienceMs)
      asking = setInterval(ask, askEveryMs)
      // Ended by the server: the login session may be over, and then the page is too.
      if (current === 'disconnected') store.update()
    }
    const connecting = connectRealtime(store.realtime)
    connecting.then(({ connection }) => {
      connection.bind('state_change', onState)
      // It began to connect before anyone listened, and may never get further.
      onState({ current: connection.state })
    })
    return () => {
      isOver = true
      clearTimeout(patience)
      clearInterval(asking)
      connecting.then(({ connection }) => connection.unbind('state_change', onState))
    }
  }, [store])
  return isConnected
}

/** A login session that is over has no pages: the next render leads to where its person logs in, or to another's page. */
function useSignedOut(store: Store) {
  const { refresh } = useRouter()
  useEffect(() => {
    store.onSignedOut = () => {
      disconnectRealtime()
      refresh()
    }
    return () => {
      // An answer that is still on its way must not close the socket of the next login session.
      store.onSignedOut = () => {}
    }
  }, [store, refresh])
}

/** What waits to be sent goes out from every page; the code for it comes only if something waits. */
function useWaitingMessages(store: Store) {
  useEffect(() => {
    const flush = async () => {
      if (!hasOutbox(store.userId)) return
      const { outboxOf } = await import('@/app/browser/outbox')
      const outbox = outboxOf(store.userId)
      outbox.onSignedOut = () => store.onSignedOut()
      outbox.flush()
    }
    // A site that answers takes messages too.
    store.onUpdated = flush
    flush()
  }, [store])
}

/** `/` goes to the search, from anywhere but a field. */
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
