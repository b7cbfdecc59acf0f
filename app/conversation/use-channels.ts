import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Store } from '@/app/browser/store'
import { useShown, useStore } from '@/app/browser/store-context'
import { attendanceChannel, conversationChannel, presenceChannel } from '@/lib/realtime/channels'
import { connectRealtime, subscribe } from '@/lib/realtime/client'
import { type Events, typingEvent } from '@/lib/realtime/events'
import type { Message, Person } from '@/lib/views'

const typingLastsMs = 4000
const tellEveryMs = 2000

type Listeners = {
  onPerson: (person: Person, change: 'joined' | 'left') => void
  /** The person themselves is out of the room, by choice or for not being seen. */
  onLeft: (byChoice: boolean) => void
  onMessage: (message: Message) => void
}
type Place = {
  id: string
  isRoom: boolean
  /** Not in a large room, where the whole list of members would go to each newcomer, nor in a closed conversation. */
  hasPresence: boolean
}
type Members = { each: (callback: (member: { id: string }) => void) => void }

/** The live side of an open conversation: what comes, who has it open, and who is typing. */
export function useConversationChannels({ id, isRoom, hasPresence }: Place, listeners: Listeners) {
  const store = useStore()
  const [here, setHere] = useState<string[]>([])
  const [typing, tellStarted, tellStopped] = useTyping()
  const onMessage = useEffectEvent((message: Message) => {
    tellStopped(message.sender.id)
    store.receive('message.created', message)
    listeners.onMessage(message)
  })
  const onTyping = useEffectEvent((_data: unknown, metadata?: { user_id?: string }) => {
    if (metadata?.user_id) tellStarted(metadata.user_id)
  })

  const onJoined = useEffectEvent((person: Events['member.joined']) => {
    store.receive('member.joined', person)
    if (person.id !== store.userId) listeners.onPerson(person, 'joined')
  })
  const [hasLeft, setLeft] = useState(false)
  const onLeft = useEffectEvent((person: Events['member.left']) => {
    const { byChoice } = person
    store.receive('member.left', person)
    if (person.id !== store.userId) return listeners.onPerson(person, 'left')
    // To listen on, in a moment, or to ask what is new here, would be to come back.
    if (byChoice) setLeft(true)
    listeners.onLeft(byChoice)
  })
  useShown({ conversationId: hasLeft ? '' : id })
  const isAttending = useAttendance(store, id, isRoom && !hasLeft)
  const mayListen = !isRoom || isAttending

  useEffect(() => {
    if (!mayListen) return
    return subscribe(connectRealtime(store.realtime), conversationChannel(id), {
      // Between the render and now, and in a break, events were missed.
      'pusher:subscription_succeeded': () => store.update(),
      'message.created': onMessage,
      'receipt.updated': (data: Events['receipt.updated']) => store.receive('receipt.updated', data),
      'member.joined': onJoined,
      'member.left': onLeft,
    })
  }, [store, id, mayListen])
  useEffect(() => {
    if (!hasPresence || !mayListen) return
    const unsubscribe = subscribe(connectRealtime(store.realtime), presenceChannel(id), {
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
  }, [store, id, hasPresence, mayListen])

  const lastTold = useRef(0)
  const tellTyping = () => {
    if (Date.now() - lastTold.current < tellEveryMs) return
    lastTold.current = Date.now()
    connectRealtime(store.realtime).then((pusher) =>
      pusher.channel(presenceChannel(id))?.trigger(typingEvent, {}),
    )
  }
  return { here, typing, tellTyping }
}

/**
 * Whether the page's own channel in a room stands. It is what being there is: a break may have ended that, and
 * the room's other channels are open only to who is in.
 */
function useAttendance(store: Store, id: string, isWanted: boolean) {
  const [isAttending, setAttending] = useState(false)
  useEffect(() => {
    if (!isWanted) return
    const connecting = connectRealtime(store.realtime)
    const onState = ({ current }: { current: string }) => current === 'connected' || setAttending(false)
    connecting.then(({ connection }) => connection.bind('state_change', onState))
    const unsubscribe = subscribe(connecting, attendanceChannel(id, store.userId), {
      'pusher:subscription_succeeded': () => setAttending(true),
    })
    return () => {
      connecting.then(({ connection }) => connection.unbind('state_change', onState))
      unsubscribe()
      setAttending(false)
    }
  }, [store, id, isWanted])
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
