'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { userChannel } from '@/lib/realtime/channels'
import { connectRealtime, type Realtime, subscribe } from '@/lib/realtime/client'
import type { Events } from '@/lib/realtime/events'
import { hasOutbox } from './browser-storage'
import { keepPage } from './keep-page'
import { fullName } from './person-name'

type Notice = { text: string; href: string; link: string }

// A busy hour of messages must not become as many page loads.
const refreshEveryMs = 1500
const askEveryMs = 4000
/** A status is right within 10 s, by the contract. */
const lookEveryMs = 6000
/** A short break is nobody's business. */
const patienceMs = 2500

type LiveProps = {
  realtime: Realtime
  userId: string
  /** Whether the page shows people of whose coming and going nobody tells this person. */
  showsStrangers: boolean
}

/** Keeps a signed-in page live: brings it up to date when something happens, and says what matters. */
export function Live({ realtime: { key, url, loginSessionId }, userId, showsStrangers }: LiveProps) {
  const refresh = useRefresh()
  useEffect(keepPage, [])
  const [notice, setNotice] = useState<Notice>()
  const isConnected = useConnection({ key, url, loginSessionId }, refresh)

  const onInvited = useEffectEvent(({ inviter, invitee }: Events['invitation.created']) => {
    if (invitee.id === userId)
      setNotice({ text: `${fullName(inviter)} invites you to talk.`, href: '/invitations', link: 'Answer' })
    refresh()
  })
  const onAnswered = useEffectEvent(({ inviter, invitee, status }: Events['invitation.answered']) => {
    if (inviter.id === userId && status !== 'withdrawn')
      setNotice({
        text: `${fullName(invitee)} ${status} your invitation.`,
        href: '/',
        link: 'See your conversations',
      })
    refresh()
  })
  const onTouched = useEffectEvent(() => refresh())

  useEffect(
    () =>
      subscribe(connectRealtime({ key, url, loginSessionId }), userChannel(userId), {
        'invitation.created': onInvited,
        'invitation.answered': onAnswered,
        'conversation.created': onTouched,
        'conversation.touched': onTouched,
        // Once more after each break: what was missed in it is in the page.
        'pusher:subscription_succeeded': onTouched,
      }),
    [key, url, loginSessionId, userId],
  )
  useEffect(() => {
    if (!showsStrangers) return
    const asking = setInterval(() => document.visibilityState === 'visible' && onTouched(), lookEveryMs)
    return () => clearInterval(asking)
  }, [showsStrangers])
  useWaitingMessages(userId)
  useSearchKey()

  return (
    <div
      role="status"
      className="no-print pointer-events-none fixed inset-x-0 top-0 z-10 grid justify-items-center"
    >
      {!isConnected && (
        <p className="bg-ink text-paper w-full py-0.5 text-center text-sm">
          The live connection is gone. New messages come every few seconds until it is back.
        </p>
      )}
      {notice && (
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

/** Brings the page up to date: soon, and not more often than is of use to anyone. */
function useRefresh() {
  const router = useRouter()
  const planned = useRef<ReturnType<typeof setTimeout>>(undefined)
  const last = useRef(0)
  return () => {
    if (planned.current) return
    const wait = Math.max(50, last.current + refreshEveryMs - Date.now())
    planned.current = setTimeout(async () => {
      planned.current = undefined
      last.current = Date.now()
      // The router gives the page up where the site or its database does not answer: ask first, so that nothing typed is lost.
      if (await siteAnswers()) router.refresh()
    }, wait)
  }
}

const siteAnswers = () =>
  fetch('/api/health', { cache: 'no-store' })
    .then((answer) => answer.json())
    .then(
      (health: { database?: string }) => health.database === 'ok',
      () => false,
    )

/** Whether the socket is up. While it is not, the page asks every few seconds instead. */
function useConnection({ key, url, loginSessionId }: Realtime, refresh: () => void) {
  const [isConnected, setConnected] = useState(true)
  const ask = useEffectEvent(refresh)
  useEffect(() => {
    let patience: ReturnType<typeof setTimeout> | undefined
    let asking: ReturnType<typeof setInterval> | undefined
    let isOver = false
    const onState = ({ current }: { current: string }) => {
      clearTimeout(patience)
      clearInterval(asking)
      if (isOver) return
      if (current === 'connected') return setConnected(true)
      patience = setTimeout(() => setConnected(false), patienceMs)
      asking = setInterval(ask, askEveryMs)
      // Ended by the server: the login session may be over, and then the page is too.
      if (current === 'disconnected') ask()
    }
    const connecting = connectRealtime({ key, url, loginSessionId })
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
  }, [key, url, loginSessionId])
  return isConnected
}

/** What waits to be sent goes out from every page; the code for it comes only where something waits. */
function useWaitingMessages(userId: string) {
  const { refresh } = useRouter()
  useEffect(() => {
    if (!hasOutbox(userId)) return
    import('./outbox').then(({ outboxOf }) => {
      const outbox = outboxOf(userId)
      outbox.onSignedOut = refresh
      outbox.flush()
    })
  }, [userId, refresh])
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
