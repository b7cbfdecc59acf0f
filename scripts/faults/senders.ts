import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask, PageForm } from '../http'
import type { Acknowledged } from './check'
import type { Place, Somebody } from './people'

/** How a message goes out: by the API, or by the page's form as a browser without JavaScript posts it. */
type Way = 'api' | 'form'

const paceMs = 700
const retryMs = 250
const answerWithinMs = 20_000

/** Somebody who sends one message after the other, each as often as it takes until it is acknowledged. */
export class Sender {
  readonly acknowledged: Acknowledged[] = []
  /** Answers that no fault explains: what was sent is not wrong. */
  readonly refusals: string[] = []
  readonly name: string
  /** What became of the last try. */
  lastAnswer = ''
  #number = 0

  constructor(
    readonly url: string,
    readonly person: Somebody,
    readonly place: Place,
    readonly way: Way,
  ) {
    this.name = `${person.username} by ${way}`
  }

  async sendUntil(signal: AbortSignal) {
    while (!signal.aborted) {
      await this.send()
      await sleep(paceMs)
    }
  }

  async send() {
    const { id: conversationId } = this.place
    const body = `${this.name} ${++this.#number}`
    const post = this.way === 'api' ? this.#apiPost(body) : this.#formPost(body)
    for (; ; await sleep(retryMs)) {
      this.lastAnswer = 'none yet'
      const answer = await inTime(post())
      this.lastAnswer = answer ? `${answer.status} ${answer.text.slice(0, 300)}` : 'none'
      if (answer && isStored(answer, this.way)) {
        const seq: number | undefined = this.way === 'api' ? JSON.parse(answer.text).seq : undefined
        return this.acknowledged.push({ conversationId, body, seq })
      }
      if (answer && answer.status >= 400 && answer.status < 500)
        this.refusals.push(`${body}: ${answer.status} ${answer.text.slice(0, 200)}`)
    }
  }

  #apiPost(body: string) {
    const { id, room } = this.place
    const path = room ? `/api/room/${room}` : `/api/conversations/${id}/messages`
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.person.token}` }
    const draft = JSON.stringify({ body, nonce: randomUUID() })
    return () => ask(this.url + path, { method: 'POST', headers, body: draft })
  }

  /** The form is read once: with it, its nonce is kept over all tries. */
  #formPost(body: string) {
    const { id, room } = this.place
    const page = this.url + (room ? `/room/${room}` : `/c/${id}`)
    let form: PageForm | undefined
    return async () => {
      form ??= await PageForm.read(page, 'body', this.person.cookie)
      return form.post({ body })
    }
  }
}

const isStored = ({ status }: Answer, way: Way) =>
  way === 'api' ? status === 200 || status === 201 : status === 303

/** The answer, if one comes. */
async function inTime(asking: Promise<Answer>) {
  const timer = new AbortController()
  const tooLate = sleep(answerWithinMs, undefined, { signal: timer.signal })
  return Promise.race([asking, tooLate])
    .catch(() => undefined)
    .finally(() => timer.abort())
}
