import type { Pair, Person } from './seed'
import { type OnMessage, openPusher, openSocketIo } from './sockets'
import { openSender, type Send, type Way } from './ways'

const senders = new Map<string, Promise<Send>>()
const receivers = new Map<string, Promise<unknown>>()

/** The function that sends in this conversation. It is made at the first call. */
export function senderOf(way: Way, pair: Pair) {
  const key = `${way.name} ${pair.conversationId}`
  const sender = senders.get(key) ?? openSender(way, pair)
  senders.set(key, sender)
  return sender
}

/** Opens both people's sockets, once. The sender's also gets each message, but only the receiver's is measured. */
export function openReceivers(way: Way, { conversationId, sender, receiver }: Pair, onMessage: OnMessage) {
  const key = `${way.realtime?.url ?? way.url} ${conversationId}`
  const open = (person: Person, onMessage: OnMessage) =>
    openSocket(way, person, conversationId, [`private-conversation-${conversationId}`], onMessage)
  const opened = receivers.get(key) ?? Promise.all([open(sender, () => {}), open(receiver, onMessage)])
  receivers.set(key, opened)
  return opened
}

export function openSocket(
  { realtime, url }: Way,
  person: Person,
  conversationId: string,
  channels: string[],
  onMessage: OnMessage,
) {
  return realtime
    ? openPusher(realtime, person, channels, onMessage)
    : openSocketIo(url, conversationId, onMessage)
}
