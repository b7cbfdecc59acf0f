import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addConversations, applyEvent, emptyState, type State, type StoreEvent } from '@/app/browser/state'
import {
  type ConversationAction,
  type ConversationState,
  findMissing,
  openedState,
  reduceConversation,
} from '@/app/conversation/conversation-state'
import { database } from '@/db/connection'
import { getConversation } from '@/lib/conversations'
import { eraseMessages, publishErased } from '@/lib/erasing'
import { Refusal } from '@/lib/errors'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { sendMessage } from '@/lib/messages'
import { setReaction } from '@/lib/reactions'
import { conversationChannel } from '@/lib/realtime/channels'
import type { MessageUpdates } from '@/lib/views'
import { eventually } from '@/testing/eventually'
import { makeGroup, people, say, type TestPerson } from '@/testing/people'
import { expire } from '@/testing/retention'
import { connect } from '@/testing/sockets'

// `PARLEY_CATCH_UP_RUNS=1000 npm test -- integration site-tests/catch-up` makes more runs. PARLEY_CATCH_UP_SEED and
// PARLEY_CATCH_UP_PATH repeat one that failed: its report names them.
const {
  PARLEY_CATCH_UP_RUNS: runs = '60',
  PARLEY_CATCH_UP_SEED: seed,
  PARLEY_CATCH_UP_PATH: path,
} = process.env

/** Small, so that a catch-up takes several requests. */
const pageSize = 3
const emojis = ['👍', '🎉', '😀']

/** What a person does. `at` chooses the message among those that there are. */
const act = fc.record({
  by: fc.nat(2),
  what: fc.constantFrom('send', 'reply', 'edit', 'delete', 'react', 'react', 'unreact', 'expire', 'erase'),
  at: fc.nat(),
  emoji: fc.constantFrom(...emojis),
})
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      acts: fc.array(act, { minLength: 1, maxLength: 4 }),
    }),
  },
  // Each number chooses a waiting event; events that are not chosen wait on, and some are delivered twice.
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      picks: fc.array(fc.nat(), { maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const) }) },
  // A request is answered now and its answer arrives later.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('askOlder' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), pick: fc.nat() }) },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const eventNames = ['message.created', 'message.changed', 'conversation.touched'] as const
type RealtimeEvent = Extract<StoreEvent, { name: (typeof eventNames)[number] }>

test('a page that loses, repeats and reorders events ends up equal to the database', async () => {
  const [ada, bob, cyd] = await people('ada', 'bob', 'cyd')
  const socket = await connect(ada)
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
    const id = await makeGroup(ada, bob, cyd)
    await socket.subscribe(conversationChannel(id))
    for (let count = 0; count < 4; count++) await say(bob, id, `first ${count}`)
    const world = new World([ada, bob, cyd], id, socket.received)
    const client = await Client.open(ada, id)
    for (const one of steps) await client.take(one, world)
    await client.catchUp()
    await client.isEqualToDatabase()
    socket.pusher.unsubscribe(conversationChannel(id))
  })
  await fc.assert(property, {
    numRuns: Number(runs),
    ...(seed && { seed: Number(seed), path }),
    endOnFailure: !seed,
  })
})

/** The people who change the conversation, and the events that follow. */
class World {
  #handled = 0

  constructor(
    readonly people: TestPerson[],
    readonly id: string,
    readonly received: { channel: string; event: string; data: unknown }[],
  ) {}

  /** Does all of it at once. @returns the events of it, all of which have arrived */
  async act(acts: Act[]): Promise<RealtimeEvent[]> {
    const { lastSeq } = await this.#state()
    await Promise.all(acts.map((one) => this.#do(one, lastSeq).catch(unlessRefused)))
    const now = await this.#state()
    const events = () => this.#events()
    await eventually(
      () => events().filter(({ name }) => name !== 'message.created').length === now.version,
      10_000,
      5,
    )
    await eventually(
      () =>
        new Set(events().flatMap((event) => (event.name === 'message.created' ? event.data.seq : [])))
          .size === now.lastSeq,
      10_000,
      5,
    )
    const fresh = events().slice(this.#handled)
    this.#handled = events().length
    return fresh
  }

  #events = () =>
    this.received
      .filter(
        ({ channel, event }) =>
          channel === conversationChannel(this.id) && eventNames.some((name) => name === event),
      )
      .map(({ event, data }) => ({ name: event, data, at: '' }) as unknown as RealtimeEvent)

  async #do({ by, what, at, emoji }: Act, lastSeq: number): Promise<unknown> {
    const person = this.people[by] as TestPerson
    const seq = (at % lastSeq) + 1
    if (what === 'send') return say(person, this.id, `sent ${at}`)
    if (what === 'reply') return sendMessage(person, this.id, { body: `reply ${at}`, replyTo: seq })
    if (what === 'edit') return editMessage(person, this.id, seq, { body: `edited ${at}` })
    if (what === 'erase') return erase(this.id, [seq - 1, seq, seq + 1])
    if (what === 'expire') return expire(this.id, seq)
    if (what === 'delete') return deleteMessage(person, this.id, seq)
    return setReaction(person, this.id, seq, emoji, what === 'react')
  }

  #state = () => getConversation(this.people[0] as TestPerson, this.id)
}

/** A page of one person, as the hooks in app/conversation run it. */
class Client {
  #waiting: RealtimeEvent[] = []
  #answers: ConversationAction[] = []

  private constructor(
    readonly person: TestPerson,
    readonly id: string,
    private store: State,
    private state: ConversationState,
  ) {}

  static async open(person: TestPerson, id: string) {
    const conversation = await getConversation(person, id)
    const page = await listPage(person, id, { limit: 2 })
    return new Client(
      person,
      id,
      addConversations(emptyState(person.id), [conversation]),
      openedState({ userId: person.id, ...page, isNewest: true, lastReadSeq: 0 }),
    )
  }

  async take(step: Step, world: World) {
    switch (step.do) {
      case 'act':
        this.#waiting.push(...(await world.act(step.acts)))
        break
      case 'deliver':
        for (const pick of step.picks) this.#deliver(pick)
        break
      case 'lose':
        this.#waiting = []
        break
      case 'update':
        await this.#update()
        break
      case 'ask': {
        const action = await this.#askMissing()
        if (action) this.#answers.push(action)
        break
      }
      case 'askOlder':
        this.#answers.push(await this.#askOlder())
        break
      case 'answer': {
        const [action] = this.#answers.splice(step.pick % (this.#answers.length || 1), 1)
        if (action) this.#dispatch(action)
      }
    }
  }

  /** Delivers a waiting event. It stays if the pick is odd, so that it may be delivered again. */
  #deliver(pick: number) {
    const index = Math.floor(pick / 2) % (this.#waiting.length || 1)
    const event = this.#waiting[index]
    if (!event) return
    if (pick % 2 === 0) this.#waiting.splice(index, 1)
    this.store = applyEvent(this.store, event)
    this.#dispatch(actionOf(event))
  }

  #dispatch(action: ConversationAction) {
    this.state = reduceConversation(this.state, action)
  }

  /** What a page does after a break, before it asks for what it missed. */
  async #update() {
    this.store = addConversations(this.store, [await getConversation(this.person, this.id)])
  }

  get #known() {
    const conversation = this.store.conversations[this.id]
    assert.ok(conversation)
    return conversation
  }

  async #askMissing(): Promise<ConversationAction | undefined> {
    const missing = findMissing(this.state, this.#known)
    if (!missing) return undefined
    const updates = await listPage(this.person, this.id, { ...missing, limit: pageSize })
    const { since } = missing
    return since === undefined ? { type: 'loaded', ...updates } : { type: 'caughtUp', since, updates }
  }

  async #askOlder(): Promise<ConversationAction> {
    const before = this.state.messages[0]?.seq ?? 0
    return { type: 'loaded', ...(await listPage(this.person, this.id, { before, limit: 2 })) }
  }

  /** Answers that are under way arrive, and the page asks until nothing is missing. */
  async catchUp() {
    for (const action of this.#answers) this.#dispatch(action)
    await this.#update()
    for (let turn = 0; ; turn++) {
      const action = await this.#askMissing()
      if (!action) return
      this.#dispatch(action)
      assert.ok(turn < 200, 'the page asks without an end')
    }
  }

  async isEqualToDatabase() {
    const first = this.state.messages[0]?.seq ?? 1
    const { messages } = await listPage(this.person, this.id, { after: first - 1, limit: 100 })
    assert.deepEqual(this.state.messages, messages)
    const { newest, lastSeq, lastSaid, version, firstSeq } = await getConversation(this.person, this.id)
    const known = this.#known
    assert.deepEqual(
      {
        newest: known.newest?.body,
        lastSeq: known.lastSeq,
        lastSaid: known.lastSaid,
        version: known.version,
        firstSeq: known.firstSeq,
      },
      { newest: newest?.body, lastSeq, lastSaid, version, firstSeq },
    )
  }
}

/** As when somebody deletes the account: several messages at once, each with an event. */
async function erase(id: string, seqs: number[]) {
  const erased = await database().transaction((tx) => eraseMessages(tx, id, seqs))
  for (const one of erased) await publishErased(one)
}

/** What a page does with an event, besides adding it to its store. */
function actionOf({ name, data }: RealtimeEvent): ConversationAction {
  if (name === 'message.created') return { type: 'received', message: data, announcement: '' }
  if (name === 'message.changed') return { type: 'changed', change: data }
  const { firstSeq = 0, version = 0 } = data
  return { type: 'expired', firstSeq, version }
}

async function listPage({ request }: TestPerson, id: string, bounds: object): Promise<MessageUpdates> {
  const query = new URLSearchParams(Object.entries(bounds).map(([name, value]) => [name, `${value}`]))
  const { status, body } = await request(`/api/conversations/${id}/messages?${query}`)
  assert.equal(status, 200)
  return body
}

/** Another person may have deleted the message, or there may be too many reactions. */
function unlessRefused(error: unknown) {
  if (!(error instanceof Refusal)) throw error
}
