import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Message } from '@/lib/messages'
import { attendanceChannel, conversationChannel, presenceChannel } from '@/lib/realtime/channels'
import { connectRealtime, type Realtime, subscribe } from '@/lib/realtime/client'
import { type Events, typingEvent } from '@/lib/realtime/events'
import type { Person } from '@/lib/users'

const typingLastsMs = 4000
const tellEveryMs = 2000

type Listeners = {
  /** From now on the page hears of every message. */
  onListening: () => void
  onPerson: (person: Person, change: 'joined' | 'left') => void
  /** The person themselves is out of the room, by choice or for not being seen. */
  onLeft: (byChoice: boolean) => void
  onMessage: (message: Message) => void
  onReceipt: (receipt: Events['receipt.updated']) => void
}
type Place = {
  id: string
  isRoom: boolean
  /** Not in a large room, where the whole list of members would go to each newcomer, nor in a closed conversation. */
  hasPresence: boolean
}
type Members = { each: (callback: (member: { id: string }) => void) => void }

/** The live side of an open conversation: what comes, who has it open, and who is typing. */
export function useConversationChannels(
  { key, url, loginSessionId }: Realtime,
  { id, isRoom, hasPresence }: Place,
  userId: string,
  listeners: Listeners,
) {
  const [here, setHere] = useState<string[]>([])
  const [typing, tellStarted, tellStopped] = useTyping()
  const onMessage = useEffectEvent((message: Message) => {
    tellStopped(message.sender.id)
    listeners.onMessage(message)
  })
  const onListening = useEffectEvent(() => listeners.onListening())
  const onReceipt = useEffectEvent(listeners.onReceipt)
  const onTyping = useEffectEvent((_data: unknown, metadata?: { user_id?: string }) => {
    if (metadata?.user_id) tellStarted(metadata.user_id)
  })

  const onJoined = useEffectEvent((person: Person) => listeners.onPerson(person, 'joined'))
  const [hasLeft, setLeft] = useState(false)
  const onLeft = useEffectEvent(({ byChoice, ...person }: Events['member.left']) => {
    if (person.id !== userId) return listeners.onPerson(person, 'left')
    // To listen on, in a moment, would be to come back.
    if (byChoice) setLeft(true)
    listeners.onLeft(byChoice)
  })
  const isAttending = useAttendance({ key, url, loginSessionId }, id, userId, isRoom && !hasLeft)
  const mayListen = !isRoom || isAttending

  useEffect(() => {
    if (!mayListen) return
    return subscribe(connectRealtime({ key, url, loginSessionId }), conversationChannel(id), {
      'pusher:subscription_succeeded': onListening,
      'message.created': onMessage,
      'receipt.updated': onReceipt,
      'member.joined': onJoined,
      'member.left': onLeft,
    })
  }, [key, url, loginSessionId, id, mayListen])
  useEffect(() => {
    if (!hasPresence || !mayListen) return
    const unsubscribe = subscribe(connectRealtime({ key, url, loginSessionId }), presenceChannel(id), {
      'pusher:subscription_succeeded': (members: Members) => {
        const ids: string[] = []
        members.each((member) => ids.push(member.id))
        setHere(ids)
      },
      'pusher:member_added': ({ id }: { id: string }) => setHere((ids) => [...ids, id]),
      'pusher:member_removed': ({ id }: { id: string }) => setHere((ids) => ids.filter((one) => one !== id)),
      [typingEvent]: onTyping,
    })
    return () => {
      unsubscribe()
      setHere([])
    }
  }, [key, url, loginSessionId, id, hasPresence, mayListen])

  const lastTold = useRef(0)
  const tellTyping = () => {
    if (Date.now() - lastTold.current < tellEveryMs) return
    lastTold.current = Date.now()
    connectRealtime({ key, url, loginSessionId }).then((pusher) =>
      pusher.channel(presenceChannel(id))?.trigger(typingEvent, {}),
    )
  }
  return { here, typing, tellTyping }
}

/**
 * Whether the page's own channel in a room stands. It is what being there is: a break may have ended that, and
 * the room's other channels are open only to who is in.
 */
function useAttendance(
  { key, url, loginSessionId }: Realtime,
  id: string,
  userId: string,
  isWanted: boolean,
) {
  const [isAttending, setAttending] = useState(false)
  useEffect(() => {
    if (!isWanted) return
    const connecting = connectRealtime({ key, url, loginSessionId })
    const onState = ({ current }: { current: string }) => current === 'connected' || setAttending(false)
    connecting.then(({ connection }) => connection.bind('state_change', onState))
    const unsubscribe = subscribe(connecting, attendanceChannel(id, userId), {
      'pusher:subscription_succeeded': () => setAttending(true),
    })
    return () => {
      connecting.then(({ connection }) => connection.unbind('state_change', onState))
      unsubscribe()
      setAttending(false)
    }
  }, [key, url, loginSessionId, id, userId, isWanted])
  return isAttending
}

/** Who is typing, each until a few seconds after they last said so. */
function useTyping() {
  const [typing, setTyping] = useState<string[]>([])
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>())
  const stop = (id: string) => {
    clearTimeout(timers.current.get(id))
    setTyping((ids) => ids.filter((one) => one !== id))
  }
  const start = (id: string) => {
    clearTimeout(timers.current.get(id))
    timers.current.set(id, setTimeout(stop, typingLastsMs, id))
    setTyping((ids) => (ids.includes(id) ? ids : [...ids, id]))
  }
  return [typing, start, stop] as const
}
