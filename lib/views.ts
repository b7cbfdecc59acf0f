// The shapes that pages, the API and events show. Shapes of the API are zod schemas, for its description; nothing is
// checked against them at run time. Browser code imports only the types.
import 'server-only'
import { z } from 'zod'

const id = z.string().meta({ format: 'uuid' })
const time = z.string().meta({ format: 'date-time', description: 'ISO 8601, in UTC.' })
const count = z.int().min(0)

export const person = z
  .object({
    id,
    username: z.string(),
    name: z.string().meta({ description: 'First and last name, or the username.' }),
  })
  .meta({ id: 'Person', description: 'A person by name alone.' })
export type Person = z.infer<typeof person>

export const user = person
  .extend({
    status: z.enum(['online', 'offline']),
    lastSeenAt: time.nullable().meta({ description: 'When the person was last online, if ever.' }),
  })
  .meta({ id: 'User', description: 'A person as others see them.' })
export type User = z.infer<typeof user>

/** Whether a person is online, and when they were last seen. */
export type Status = Pick<User, 'id' | 'status' | 'lastSeenAt'>

/** Found by a search: the person, and what there is between them and the searcher. */
export const foundPerson = user
  .extend({
    conversationId: id.nullable().meta({ description: 'Your conversation with them.' }),
    unread: count.meta({ description: 'Unread messages in your conversation with them.' }),
    invitation: z
      .object({ id, direction: z.enum(['received', 'sent']) })
      .nullable()
      .meta({ description: 'The pending invitation between you.' }),
    isBlocked: z.boolean().meta({ description: 'You have blocked them.' }),
    isGuest: z.boolean(),
  })
  .meta({ id: 'FoundPerson', description: 'A person as found by a search, with what there is between you.' })
export type FoundPerson = z.infer<typeof foundPerson>

/** A person who is online, and their conversation with the reader. */
export type OnlinePerson = User & Pick<FoundPerson, 'conversationId'>

const seq = z.int().min(1)

export const reaction = z
  .object({
    emoji: z.string(),
    count,
    people: z.array(person).meta({ description: 'The first 20 people who reacted with it.' }),
    mine: z.boolean().meta({ description: 'You reacted with it. Not in events, which everyone receives.' }),
  })
  .meta({ id: 'Reaction' })
export type Reaction = z.infer<typeof reaction>

export const message = z
  .object({
    id,
    conversationId: id,
    seq: seq.meta({
      description: 'Its place in the conversation: 1, 2, 3, … without gaps, from `firstSeq` on.',
    }),
    said: count.meta({ description: 'How many messages of kind `said` there are up to this one.' }),
    kind: z.enum(['said', 'notice']).meta({
      description: 'A notice tells what happened in a group, such as who joined. It is never unread.',
    }),
    sender: person,
    body: z.string().meta({ description: 'Plain text, never markup. Empty if the message was deleted.' }),
    nonce: z.string().meta({ description: 'What the sender gave, or one that the site made.' }),
    createdAt: time,
    version: count.meta({
      description:
        'The conversation’s version after the message’s last change, 0 if there was none. Of two copies the one with the higher version is right.',
    }),
    editedAt: time.nullable(),
    deletedAt: time.nullable(),
    replyTo: z
      .object({
        seq,
        sender: person,
        excerpt: z.string().meta({ description: 'The first 140 characters.' }),
        isDeleted: z.boolean(),
      })
      .nullable()
      .meta({ description: 'The message that it answers, as that was when this was read.' }),
    reactions: z.array(reaction),
    mentions: z.array(id).meta({ description: 'The ids of the people whom it mentions.' }),
  })
  .meta({ id: 'Message' })
export type Message = z.infer<typeof message>

/** A message as events carry it, the same for everyone. */
export type SharedMessage = Omit<Message, 'reactions'> & { reactions: Omit<Reaction, 'mine'>[] }

/** The newest message as a list of conversations shows it: the body is cut to 200 characters. */
export type Newest = Pick<
  Message,
  'seq' | 'said' | 'version' | 'kind' | 'sender' | 'body' | 'createdAt' | 'deletedAt'
>

/** A message that mentions the reader. */
export type Mention = Pick<Message, 'conversationId' | 'seq' | 'sender' | 'createdAt'> &
  Pick<NonNullable<Message['replyTo']>, 'excerpt'> & {
    kind: 'direct' | 'group' | 'room'
    /** Of the room or group. */
    name: string | null
    isRead: boolean
  }

/** What a client that has messages up to a `seq` and changes up to a version is missing. */
export const messageUpdates = z
  .object({
    messages: z.array(message),
    changed: z.array(message).meta({
      description:
        'With `after` and `since`: messages up to `after` that changed since, as they are now, by version.',
    }),
    version: count.meta({ description: 'The `since` for the next request.' }),
    firstSeq: seq.meta({ description: 'Messages before it are no longer kept: drop them.' }),
    more: z.boolean().meta({ description: 'Ask again: not everything is listed.' }),
  })
  .meta({ id: 'MessageUpdates' })
export type MessageUpdates = z.infer<typeof messageUpdates>

/** How far a person has received and read a conversation. */
export type Receipt = { userId: string; lastDeliveredSeq: number; lastReadSeq: number }

export const member = user
  .extend({ role: z.enum(['owner', 'member']) })
  .meta({ id: 'Member', description: 'A person in a conversation. Only groups have owners.' })
export type Member = z.infer<typeof member>

export const conversation = z
  .object({
    id,
    kind: z.enum(['direct', 'group', 'room']),
    name: z.string().meta({
      description: 'A group’s title; in a direct conversation, the other person’s name.',
    }),
    people: z.array(member),
    newest: message.nullable().meta({ description: 'The newest message, if there is any.' }),
    unread: count.meta({ description: 'Without notices.' }),
    mentions: count.meta({ description: 'Unread messages that mention you.' }),
    lastReadSeq: count.meta({ description: 'The last message that you have read.' }),
    version: count.meta({ description: 'How many changes to messages there were.' }),
    firstSeq: seq.meta({
      description: 'The first message that is kept. Older ones were deleted: drop those that you have.',
    }),
  })
  .meta({ id: 'Conversation', description: 'A conversation as one of its people sees it.' })
export type Conversation = z.infer<typeof conversation>

/** A conversation as pages show it. */
export type ConversationView = Omit<Conversation, 'newest' | 'unread'> & {
  newest: Newest | null
  lastSeq: number
  /** How many messages of kind `said` there are, and how many of them the person has read. */
  lastSaid: number
  readSaid: number
  reaction: ReactionLine
  /** In a room, in a group of more than 50, and in a closed conversation, only the person's own. */
  receipts: Receipt[]
  /** In a group, the ids of its people whom the person has blocked. */
  blocked: string[]
  /** Nobody can write in it (lib/pairs.ts). */
  isClosed: boolean
  /** When the latest message was sent, or the conversation created. */
  activeAt: string
}

/** The latest reaction to a message of the person's own, which a list of conversations shows until the next message. */
export type ReactionLine = {
  /** The conversation's version and newest `seq` when this was read. The line with the higher version is right. */
  version: number
  lastSeq: number
  /** Null if there is none after the message `lastSeq`. */
  latest: { seq: number; emoji: string; person: Person; excerpt: string } | null
}

export const invitation = z
  .object({
    id,
    status: z.enum(['pending', 'accepted', 'rejected', 'withdrawn']),
    inviter: person,
    invitee: person,
    conversation: z
      .object({ id, name: z.string() })
      .nullable()
      .meta({ description: 'The group; null if it is to a direct conversation.' }),
    createdAt: time,
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.infer<typeof invitation>

export const invitations = z.object({ received: z.array(invitation), sent: z.array(invitation) })
export type Invitations = z.infer<typeof invitations>

export type Room = { id: string; name: string }

/** A text that was not sent, for the composer, with the nonce it was to be sent with. */
export type Draft = { id: string; body: string; nonce: string }

const serviceState = z.enum(['ok', 'unavailable'])
export const health = z
  .object({ site: serviceState, database: serviceState, realtime: serviceState })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof health>

/** A line of a stream in the form `application/x-ndjson`. */
export const streamLine = z
  .discriminatedUnion('type', [
    message.extend({ type: z.literal('message') }),
    message.extend({ type: z.literal('changed') }),
    z.object({ type: z.literal('expired'), firstSeq: seq }),
    z.object({ type: z.literal('joined'), user: person }),
    z.object({ type: z.literal('left'), user: person }),
    z.object({ type: z.literal('quiet') }),
  ])
  .meta({
    id: 'StreamLine',
    description:
      '`changed` is a message as it is after a change. `expired`: drop the messages before `firstSeq`, which are no longer kept. `quiet` comes every 15 s in which nothing happened.',
  })
export type StreamLine = z.infer<typeof streamLine>

/** An event of a stream in the form `text/event-stream`, its data parsed. */
export const streamEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('message.created'), id: z.string(), data: message }),
    z.object({ event: z.literal('message.changed'), id: z.string(), data: message }),
    z.object({
      event: z.literal('conversation.touched'),
      id: z.string(),
      data: z.object({ conversationId: id, firstSeq: seq }),
    }),
    z.object({ event: z.literal('member.joined'), data: person }),
    z.object({ event: z.literal('member.left'), data: person }),
  ])
  .meta({
    id: 'StreamEvent',
    description:
      'The id is `<seq>.<version>`: the stream has sent all messages up to that `seq`, with all their changes up to that version. `conversation.touched`: drop the messages before `firstSeq`, which are no longer kept. The data is JSON.',
  })

export const link = z
  .object({
    id,
    uses: z.int().min(1).max(100),
    used: count,
    into: z.string().nullable().meta({
      description: 'Where it leads: null for nothing but an account, `me`, or the id of a group.',
    }),
    title: z.string().nullable().meta({ description: 'The title of that group.' }),
    createdAt: time,
    expiresAt: time,
    state: z.enum(['open', 'used up', 'expired', 'ended']).meta({
      description: 'A link is also `ended` while its maker may not invite to where it leads.',
    }),
  })
  .meta({
    id: 'Link',
    description: 'A link that brings people in. Its address is shown only when it is made.',
  })
export type Link = z.infer<typeof link>
