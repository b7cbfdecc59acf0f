import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { after } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import type { CurrentUser } from '@/lib/current-user'
import type { Parley } from '@/scripts/parley'
import { requestText } from './http'
import { loggedRequest } from './site-log'

/** A site that trusts its proxy, and so takes `x-request-id` from its clients. */
type Site = Pick<Parley, 'url' | 'dataDir'>

/** Requests a stream, and reads nothing of the response until `resume()`. */
export class StalledReader {
  text = ''
  readonly #id = randomBytes(8).toString('hex')
  readonly #socket

  constructor(
    readonly site: Site,
    path: string,
    headers: Record<string, string>,
  ) {
    const { hostname, port } = new URL(site.url)
    this.#socket = connect(Number(port), hostname)
    this.#socket.pause().on('error', () => {})
    this.#socket.write(requestText(`GET ${path}`, { 'x-request-id': this.#id, ...headers }))
    after(() => this.#socket.destroy())
  }

  /** Resolves with the log's entry when the site has closed the connection. Reading would hide a close. */
  isClosed = (timeoutMs: number) => loggedRequest(this.site.dataDir, this.#id, timeoutMs)

  /** Reads everything from now on, like a reader that was only slow. */
  resume() {
    this.#socket
      .setEncoding('utf8')
      .on('data', (chunk) => (this.text += chunk))
      .resume()
    return this
  }
}

/** Stores messages of the largest size, more than the buffers between the site and a reader hold. */
export async function fillConversation(by: CurrentUser, id: string, count = 600) {
  await database().execute(sql`
    with numbered as (
      update conversations set last_seq = last_seq + ${count} where id = ${id} returning last_seq - ${count} as before
    )
    insert into messages (conversation_id, seq, sender_id, body, nonce)
    select ${id}, before + number, ${by.id}, repeat('😀', 4000), gen_random_uuid()
    from numbered, generate_series(1, ${count}::int) as number`)
}
