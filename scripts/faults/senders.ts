import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask, PageForm } from '../http'
import type { Acknowledged } from './check'
import type { Participant, Target } from './participants'

/** How a message is sent: by the HTTP API, or by the page's form as by a browser without JavaScript. */
type Way = 'api' | 'form'

const paceMs = 700
const retryMs = 250
const answerWithinMs = 20_000

/** Sends one message after the other, and repeats each until it is acknowledged. */
export class Sender {
  readonly acknowledged: Acknowledged[] = []
  /** Answers with a 4xx status. No fault explains them, because the messages are valid. */
  readonly refusals: string[] = []
  readonly name: string
  /** The answer to the last try, for error messages. */
  lastAnswer = ''
  #count = 0
  #hasGivenUp = false

  constructor(
    readonly url: string,
    readonly person: Participant,
    readonly target: Target,
    readonly way: Way,
  ) {
    this.name = `${person.username} by ${way}`
  }

  /** Ends the retries, so that nothing keeps the process running after a failure. */
  giveUp() {
    this.#hasGivenUp = true
  }

  async sendUntil(signal: AbortSignal) {
    while (!signal.aborted) {
      await this.send()
      await sleep(paceMs)
    }
  }

  async send() {
    const { id: conversationId } = this.target
    const body = `${this.name} ${++this.#count}`
    const post = this.way === 'api' ? this.#apiPost(body) : this.#formPost(body)
    for (; !this.#hasGivenUp; await sleep(retryMs)) {
      this.lastAnswer = 'none yet'
      const answer = await inTime(post())
      this.lastAnswer = answer ? `${answer.status} ${answer.text.slice(0, 300)}` : 'none'
      if (answer && isStored(answer, this.way)) {
        const seq: number | undefined = this.way === 'api' ? JSON.parse(answer.text).seq : undefined
        this.acknowledged.push({ conversationId, body, seq })
        return
      }
      if (answer && answer.status >= 400 && answer.status < 500)
        this.refusals.push(`${body}: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
  }

  #apiPost(body: string) {
    const { id, room } = this.target
    const path = room ? `/api/room/${room}` : `/api/conversations/${id}/messages`
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.person.token}` }
    const draft = JSON.stringify({ body, nonce: randomUUID() })
    return () => ask(this.url + path, { method: 'POST', headers, body: draft })
  }

  /** Reads the form only once, even if a try still waits for it, so that every try has the same nonce. */
  #formPost(body: string) {
    const { id, room } = this.target
    const page = this.url + (room ? `/room/${room}` : `/c/${id}`)
    let form: Promise<PageForm> | undefined
    return async () => {
      form ??= PageForm.read(page, 'body', this.person.cookie)
      form.catch(() => {
        form = undefined
      })
      return (await form).post({ body })
    }
  }
}

const isStored = ({ status }: Answer, way: Way) =>
  way === 'api' ? status === 200 || status === 201 : status === 303

/** The answer, or undefined if none comes in time. */
export async function inTime(asking: Promise<Answer>) {
  const timer = new AbortController()
  const timeout = sleep(answerWithinMs, undefined, { signal: timer.signal })
  return Promise.race([asking, timeout])
    .catch(() => undefined)
    .finally(() => timer.abort())
}
