import 'server-only'
import { inArray } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions } from '@/db/schema'
import { Refusal } from './errors'
import { logError } from './log'
import type { CurrentUser } from './login-sessions'
import { listMessages, type Message } from './messages'
import { countStream } from './metrics'
import { noteConnected } from './presence'
import { conversationChannel } from './realtime/channels'
import type { Events } from './realtime/events'
import { type Heard, listen } from './realtime/subscribe'
import { enterRoom, keepAttending } from './rooms'
import type { Person } from './users'

export type StreamItem =
  | { kind: 'message'; message: Message }
  | { kind: 'joined' | 'left'; person: Person }
  /** Nothing happened for a while: whoever is on the way must not take the stream for dead. */
  | { kind: 'quiet' }

type Stream = { user: CurrentUser; conversationId: string; end: () => void }

const quietMs = 15_000
const pageSize = 100
const askAgainMs = 1500
/** Within what presence and rooms count a connection for. */
const tellEveryMs = 2500

/**
 * A conversation from `after` on: what is in the database, then each message as it is committed, with
 * nothing missed or doubled in between; and who comes and goes. Holds nothing of the database while it
 * waits. Ends with `signal`, with the login session, and when the person leaves.
 */
export async function* streamConversation(
  user: CurrentUser,
  conversationId: string,
  { after, signal }: { after: number; signal: AbortSignal },
): AsyncGenerator<StreamItem> {
  const inbox = new Inbox(signal)
  const unlisten = listen(conversationChannel(conversationId), inbox.put)
  const unregister = register({ user, conversationId, end: inbox.end })
  let last = after
  let mustAsk = true
  try {
    while (!inbox.isOver) {
      if (mustAsk) {
        const messages = await readAfter(user, conversationId, last, () => inbox.put('ask'))
        // They left, and nobody was there to tell of it.
        if (!messages) return
        mustAsk = messages.length === pageSize
        for (const message of messages) {
          last = message.seq
          yield { kind: 'message', message }
        }
        if (mustAsk) continue
      }
      const heard = await inbox.take()
      if (heard === 'quiet') yield { kind: 'quiet' }
      else if (heard === 'ask') mustAsk = true
      else if (heard?.name === 'message.created') {
        const message = heard.data as Message
        // Older: it was read already. Newer than the next: one was missed.
        if (message.seq === last + 1) {
          last = message.seq
          yield { kind: 'message', message }
        } else mustAsk = message.seq > last
      } else if (heard?.name === 'member.joined') {
        const person = personOf(heard.data as Events['member.joined'])
        // Who listens knows that they came.
        if (person.id !== user.id) yield { kind: 'joined', person }
      } else if (heard?.name === 'member.left') {
        const { byChoice, ...left } = heard.data as Events['member.left']
        const person = personOf(left)
        if (person.id !== user.id) yield { kind: 'left', person }
        else if (byChoice) return
        // Nobody saw this stream for a while; but it is here.
        else await enterRoom(user, conversationId)
      }
    }
  } finally {
    unregister()
    unlisten()
  }
}

const personOf = ({ id, username, name }: Person): Person => ({ id, username, name })

/** Ends every stream of this process: it is about to stop. */
export function endStreams() {
  for (const stream of streams) stream.end()
}

/**
 * The next messages; nothing where this person may no longer read them. Where the database does not answer,
 * none for now, and `askAgain` a little later: the stream outlives that.
 */
async function readAfter(user: CurrentUser, conversationId: string, after: number, askAgain: () => void) {
  try {
    return await listMessages(user, conversationId, { after, limit: pageSize })
  } catch (error) {
    if (error instanceof Refusal) return undefined
    logError('stream.read', error)
    setTimeout(askAgain, askAgainMs).unref()
    return []
  }
}

/** What a stream has heard and not yet looked at. */
class Inbox {
  #heard: Heard[] = []
  #wake = () => {}
  isOver = false

  constructor(signal: AbortSignal) {
    if (signal.aborted) this.isOver = true
    signal.addEventListener('abort', this.end, { once: true })
  }

  put = (heard: Heard) => {
    // One question answers all that came before it.
    if (heard === 'ask') this.#heard = this.#heard.filter((one) => one !== 'ask')
    this.#heard.push(heard)
    this.#wake()
  }

  end = () => {
    this.isOver = true
    this.#wake()
  }

  /** The next thing heard, `quiet` after a while without any, nothing at the end. */
  async take(): Promise<Heard | 'quiet' | undefined> {
    if (!this.#heard.length && !this.isOver) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, quietMs)
      })
      clearTimeout(timer)
    }
    return this.isOver ? undefined : (this.#heard.shift() ?? 'quiet')
  }
}

// The framework loads this module once for each of its bundles; the streams are the process's.
const shared = globalThis as { parleyStreams?: Set<Stream> }
shared.parleyStreams ??= new Set()
const streams = shared.parleyStreams

function register(stream: Stream) {
  streams.add(stream)
  countStream(1)
  tellNow()
  return () => {
    streams.delete(stream)
    countStream(-1)
  }
}

let telling: NodeJS.Timeout | undefined

/** Who has a stream open is online and in the room; whose login session has ended hears no more. */
function tellNow() {
  if (telling) return
  telling = setTimeout(async () => {
    telling = undefined
    await Promise.all([tellPresence(), endRevoked()]).catch((error) => logError('streams.tell', error))
    if (streams.size) tellNow()
  }, tellEveryMs)
}

async function tellPresence() {
  await noteConnected([...new Set([...streams].map(({ user }) => user.id))])
  await keepAttending([...streams].map(({ user, conversationId }) => ({ conversationId, userId: user.id })))
}

async function endRevoked() {
  // Those that open while the database is asked are not among these.
  const looked = [...streams]
  const ids = [...new Set(looked.map(({ user }) => user.loginSessionId))]
  if (!ids.length) return
  const rows = await database()
    .select({ id: loginSessions.id })
    .from(loginSessions)
    .where(inArray(loginSessions.id, ids))
  const alive = new Set(rows.map(({ id }) => id))
  for (const stream of looked) if (!alive.has(stream.user.loginSessionId)) stream.end()
}
