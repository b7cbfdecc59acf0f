import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask } from '../http'
import type { ChangedMessage } from './check'
import type { Participant, Target } from './participants'
import { inTime } from './senders'

const retryMs = 250

/** Sends messages by the HTTP API and changes them, and repeats each request until it is acknowledged. */
export class Changer {
  readonly acknowledged: ChangedMessage[] = []
  /** Answers with a 4xx status, which no fault explains. */
  readonly refusals: string[] = []
  #count = 0
  #hasGivenUp = false

  constructor(
    readonly url: string,
    readonly person: Participant,
    readonly target: Target,
  ) {}

  /** Ends the retries, so that nothing keeps the process running after a failure. */
  giveUp() {
    this.#hasGivenUp = true
  }

  /** Sends a message, edits it twice and reacts to it. Takes a reaction back, and deletes every third message. */
  async change() {
    const { id: conversationId } = this.target
    const count = ++this.#count
    const texts = [1, 2, 3].map((text) => `${this.person.username}, message ${count}, text ${text}`)
    const [first, second, third] = texts
    const { seq, version } = await this.#ask('POST', '', { body: first, nonce: randomUUID() })
    const edited = await this.#edit(seq, second, version)
    await this.#ask('PUT', `/${seq}/reactions/${encodeURIComponent('👍')}`)
    await this.#edit(seq, third, edited.version)
    for (const method of ['PUT', 'DELETE'])
      await this.#ask(method, `/${seq}/reactions/${encodeURIComponent('🎉')}`)
    const isDeleted = count % 3 === 0
    if (isDeleted) await this.#ask('DELETE', `/${seq}`)
    const now = isDeleted ? { texts: [''], reactions: '' } : { texts, reactions: '👍1' }
    if (!this.#hasGivenUp) this.acknowledged.push({ conversationId, seq, isDeleted, ...now })
  }

  /** A repeated edit is a conflict with its own first try, if that was stored but not acknowledged. */
  #edit = (seq: number, body: string | undefined, version: number) =>
    this.#ask('PATCH', `/${seq}`, { body, version }, ({ status, text }) =>
      status === 409 && JSON.parse(text).message.body === body ? JSON.parse(text).message : undefined,
    )

  async #ask(
    method: string,
    path: string,
    input?: object,
    rescue: (answer: Answer) => unknown = () => undefined,
  ) {
    const url = `${this.url}/api/conversations/${this.target.id}/messages${path}`
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.person.token}` }
    const body = input && JSON.stringify(input)
    for (; !this.#hasGivenUp; await sleep(retryMs)) {
      const answer = await inTime(ask(url, { method, headers, body }))
      if (!answer) continue
      if (answer.status < 300) return answer.text ? JSON.parse(answer.text) : undefined
      const rescued = rescue(answer)
      if (rescued) return rescued
      if (answer.status < 500)
        this.refusals.push(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
    return {}
  }
}
