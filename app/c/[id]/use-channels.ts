import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Message } from '@/lib/messages'
import { attendanceChannel, conversationChannel, presenceChannel } from '@/lib/realtime/channels'
import { connectRealtime, type RealtimeAddress, subscribe } from '@/lib/realtime/client'
import { type Events, typingEvent } from '@/lib/realtime/events'
import type { Person } from '@/lib/users'

const typingLastsMs = 4000
const tellEveryMs = 2000

type Listeners = {
  onPerson: (person: Person, change: 'joined' | 'left') => void
  /** The person themselves is out of the room, by choice or for not being seen. */
  onLeft: (byChoice: boolean) => void
  onMessage: (message: Message) => void
  onReceipt: (receipt: Events['receipt.updated']) => void
}
type Members = { each: (callback: (member: { id: string }) => void) => void }

/** The live side of an open conversation: what comes, who has it open, and who is typing. */
export function useConversationChannels(
  { key, url }: RealtimeAddress,
  { id, isRoom, isSmall }: { id: string; isRoom: boolean; isSmall: boolean },
  userId: string,
  listeners: Listeners,
) {
  const [here, setHere] = useState<string[]>([])
  const [typing, tellStarted, tellStopped] = useTyping()
  const onMessage = useEffectEvent((message: Message) => {
    tellStopped(message.sender.id)
    listeners.onMessage(message)
  })
  const onReceipt = useEffectEvent(listeners.onReceipt)
  const onTyping = useEffectEvent((_data: unknown, metadata?: { user_id?: string }) => {
    if (metadata?.user_id) tellStarted(metadata.user_id)
  })

  const onJoined = useEffectEvent((person: Person) => listeners.onPerson(person, 'joined'))
  const onLeft = useEffectEvent(({ byChoice, ...person }: Events['member.left']) =>
    person.id === userId ? listeners.onLeft(byChoice) : listeners.onPerson(person, 'left'),
  )

  useEffect(
    () =>
      subscribe(connectRealtime({ key, url }, userId), conversationChannel(id), {
        'message.created': onMessage,
        'receipt.updated': onReceipt,
        'member.joined': onJoined,
        'member.left': onLeft,
      }),
    [key, url, id, userId],
  )
  useEffect(() => {
    if (isRoom) return subscribe(connectRealtime({ key, url }, userId), attendanceChannel(id, userId), {})
  }, [key, url, id, isRoom, userId])
  useEffect(() => {
    // Its member list goes whole to each who comes: not for a large room.
    if (!isSmall) return
    return subscribe(connectRealtime({ key, url }, userId), presenceChannel(id), {
      'pusher:subscription_succeeded': (members: Members) => {
        const ids: string[] = []
        members.each((member) => ids.push(member.id))
        setHere(ids)
      },
      'pusher:member_added': ({ id }: { id: string }) => setHere((ids) => [...ids, id]),
      'pusher:member_removed': ({ id }: { id: string }) => setHere((ids) => ids.filter((one) => one !== id)),
      [typingEvent]: onTyping,
    })
  }, [key, url, id, isSmall, userId])

  const lastTold = useRef(0)
  const tellTyping = () => {
    if (Date.now() - lastTold.current < tellEveryMs) return
    lastTold.current = Date.now()
    connectRealtime({ key, url }, userId).then((pusher) =>
      pusher.channel(presenceChannel(id))?.trigger(typingEvent, {}),
    )
  }
  return { here, typing, tellTyping }
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
