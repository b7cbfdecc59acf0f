import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Message } from '@/lib/messages'
import { conversationChannel, presenceChannel } from '@/lib/realtime/channels'
import { connectRealtime, type RealtimeAddress, subscribe } from '@/lib/realtime/client'
import { type Events, typingEvent } from '@/lib/realtime/events'

const typingLastsMs = 4000
const tellEveryMs = 2000

type Listeners = {
  onMessage: (message: Message) => void
  onReceipt: (receipt: Events['receipt.updated']) => void
}
type Members = { each: (callback: (member: { id: string }) => void) => void }

/** The live side of an open conversation: what comes, who has it open, and who is typing. */
export function useConversationChannels(
  { key, url }: RealtimeAddress,
  id: string,
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

  useEffect(
    () =>
      subscribe(connectRealtime({ key, url }, userId), conversationChannel(id), {
        'message.created': onMessage,
        'receipt.updated': onReceipt,
      }),
    [key, url, id, userId],
  )
  useEffect(
    () =>
      subscribe(connectRealtime({ key, url }, userId), presenceChannel(id), {
        'pusher:subscription_succeeded': (members: Members) => {
          const ids: string[] = []
          members.each((member) => ids.push(member.id))
          setHere(ids)
        },
        'pusher:member_added': ({ id }: { id: string }) => setHere((ids) => [...ids, id]),
        'pusher:member_removed': ({ id }: { id: string }) =>
          setHere((ids) => ids.filter((one) => one !== id)),
        [typingEvent]: onTyping,
      }),
    [key, url, id, userId],
  )

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
