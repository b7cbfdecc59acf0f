import { type Dispatch, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Store } from '@/app/browser/store'
import { useShown, useStore } from '@/app/browser/store-context'
import { fullName } from '@/app/ui/person-name'
import { attendanceChannel, conversationChannel, presenceChannel } from '@/lib/realtime/channels'
import { connectRealtime, subscribe } from '@/lib/realtime/client'
import { type Events, typingEvent } from '@/lib/realtime/events'
import type { SharedMessage } from '@/lib/views'
import type { ConversationAction } from './conversation-state'

const typingLastsMs = 4000
const notifyEveryMs = 2000

type Place = {
  id: string
  isRoom: boolean
  /**
   * False in a large room, where each newcomer would receive the whole list of members, and in a closed conversation.
   */
  hasPresence: boolean
}
type Options = {
  /** What screen readers announce of a new message. */
  announce: (message: SharedMessage) => string
  /** Called when the signed-in person is no longer in the room or group: they left, or their attendance expired. */
  onLeft: (byChoice: boolean) => void
}
type Members = { each: (callback: (member: { id: string }) => void) => void }

/**
 * Subscribes to the conversation's channels.
 * @returns notifies the others that the person is typing, at most every two seconds
 */
export function useConversationChannels(
  { id, isRoom, hasPresence }: Place,
  dispatch: Dispatch<ConversationAction>,
  { announce, onLeft }: Options,
) {
  const store = useStore()
  const onMessage = useEffectEvent((message: Events['message.created']) => {
    store.receive('message.created', message)
    dispatch({ type: 'received', message, announcement: announce(message) })
  })
  const onChanged = useEffectEvent((change: Events['message.changed']) => {
    store.receive('message.changed', change)
    dispatch({ type: 'changed', change })
  })
  const onTouched = useEffectEvent((data: Events['conversation.touched']) => {
    store.receive('conversation.touched', data)
    const { firstSeq, version, member } = data
    if (member) dispatch({ type: 'renamed', person: member })
    if (firstSeq && version) dispatch({ type: 'expired', firstSeq, version })
  })
  const typingTimers = useRef(new Map<string, ReturnType<typeof setTimeout>>())
  const onTyping = useEffectEvent((_data: unknown, { user_id: id }: { user_id?: string } = {}) => {
    if (!id) return
    clearTimeout(typingTimers.current.get(id))
    typingTimers.current.set(id, setTimeout(dispatch, typingLastsMs, { type: 'stopped', id }))
    dispatch({ type: 'typing', id })
  })
  const onJoined = useEffectEvent((person: Events['member.joined']) => {
    store.receive('member.joined', person)
    // In groups, notices tell who joined and left.
    if (isRoom && person.id !== store.userId) dispatch({ type: 'noted', text: `${fullName(person)} joined` })
  })
  const [hasLeft, setLeft] = useState(false)
  const onMemberLeft = useEffectEvent((person: Events['member.left']) => {
    const { byChoice } = person
    store.receive('member.left', person)
    dispatch({ type: 'renamed', person })
    if (person.id !== store.userId)
      return isRoom && dispatch({ type: 'noted', text: `${fullName(person)} left` })
    // Subscribing again after a break, or asking for an update, would join the room again.
    if (byChoice) setLeft(true)
    onLeft(byChoice)
  })
  useShown({ conversationId: hasLeft ? '' : id })
  const isAttending = useAttendance(store, id, isRoom && !hasLeft)
  const maySubscribe = !isRoom || isAttending

  useEffect(() => {
    if (!maySubscribe) return
    return subscribe(connectRealtime(store.realtime), conversationChannel(id), {
      // Events between the render and the subscription, or during a break, were missed.
      'pusher:subscription_succeeded': () => store.update(),
      'message.created': onMessage,
      'message.changed': onChanged,
      'conversation.touched': onTouched,
      'receipt.updated': (data: Events['receipt.updated']) => store.receive('receipt.updated', data),
      'member.joined': onJoined,
      'member.left': onMemberLeft,
    })
  }, [store, id, maySubscribe])
  useEffect(() => {
    if (!hasPresence || !maySubscribe) return
    const unsubscribe = subscribe(connectRealtime(store.realtime), presenceChannel(id), {
      'pusher:subscription_succeeded': (members: Members) => {
        const ids: string[] = []
        members.each((member) => ids.push(member.id))
        dispatch({ type: 'present', ids })
      },
      'pusher:member_added': ({ id }: { id: string }) => dispatch({ type: 'came', id }),
      'pusher:member_removed': ({ id }: { id: string }) => dispatch({ type: 'went', id }),
      [typingEvent]: onTyping,
    })
    return () => {
      unsubscribe()
      dispatch({ type: 'present', ids: [] })
    }
  }, [store, id, hasPresence, maySubscribe, dispatch])

  const lastNotified = useRef(0)
  return () => {
    if (Date.now() - lastNotified.current < notifyEveryMs) return
    lastNotified.current = Date.now()
    connectRealtime(store.realtime).then((pusher) =>
      pusher.channel(presenceChannel(id))?.trigger(typingEvent, {}),
    )
  }
}

/**
 * Whether the page is subscribed to the person's attendance channel. Being subscribed means being in the room, which
 * the room's other channels require; after a break the person may have left it.
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
