import type { Conversation } from '@/lib/views'
import { clean } from './format'

/** A room or conversation that the console can show. */
export type Place = {
  name: string
  /** The paths of its stream and for sending. */
  stream: string
  messages: string
  /** The path for leaving it, if it is a room. */
  room?: string
  is: (conversation: Conversation) => boolean
}

export function roomPlace(name: string): Place {
  const path = `/api/room/${encodeURIComponent(name)}`
  const is = (one: Conversation) => one.kind === 'room' && isSame(one.name, name)
  return { name, stream: path, messages: path, room: path, is }
}

/** A direct conversation is named after the other person's username, a group after its title. */
export function placeIn(conversation: Conversation, ownId?: string): Place {
  const { id } = conversation
  const path = `/api/conversations/${id}`
  return {
    name: clean(otherIn(conversation, ownId)?.username ?? conversation.name),
    stream: `${path}/stream`,
    messages: `${path}/messages`,
    is: (one) => one.id === id,
  }
}

/** Whether a direct conversation or group can be opened by this name. */
export const isCalled = (conversation: Conversation, name: string, ownId?: string) =>
  conversation.kind !== 'room' &&
  [conversation.id, conversation.name, otherIn(conversation, ownId)?.username ?? ''].some((one) =>
    isSame(one, name),
  )

/** Asks for the id, because titles and names are not unique. */
export function severalPlaces(name: string, places: Place[]) {
  const list = places.map((place) => `${place.name} (/talk ${place.stream.split('/')[3]})`)
  return `Several conversations are called ${name}: ${list.join(', ')}`
}

const otherIn = ({ kind, people }: Conversation, ownId?: string) =>
  kind === 'direct' ? people.find(({ id }) => id !== ownId) : undefined

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
