import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import type { CurrentUser } from '@/lib/current-user'
import type { Parley } from '@/scripts/parley'
import { eventually } from './eventually'

/** A site that takes `x-request-id` from its clients: one that trusts its proxy. */
type Site = Pick<Parley, 'url' | 'dataDir'>

/** Asks for a stream by a socket of its own, and reads nothing of the answer until it is told to. */
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
    const lines = Object.entries({ host: 'parley', 'x-request-id': this.#id, ...headers })
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    )
    after(() => this.#socket.destroy())
  }

  /** Resolves when the site has closed the connection, as its log says; before it, nothing was read. */
  async isClosed(patienceMs: number) {
    const log = join(this.site.dataDir, 'logs/site.log')
    const line = await eventually(
      () =>
        readFileSync(log, 'utf8')
          .split('\n')
          .find((line) => line.includes(`"id":"${this.#id}"`)),
      patienceMs,
    )
    return JSON.parse(line) as { status: number; left?: boolean }
  }

  /** Reads on, as a reader who was only slow. */
  reads() {
    this.#socket
      .setEncoding('utf8')
      .on('data', (chunk) => (this.text += chunk))
      .resume()
    return this
  }
}

/** Stores messages of the largest size: more than the buffers between the site and a reader hold. */
export async function fillConversation(by: CurrentUser, id: string, count = 600) {
  await database().execute(sql`
    with numbered as (
      update conversations set last_seq = last_seq + ${count} where id = ${id} returning last_seq - ${count} as before
    )
    insert into messages (conversation_id, seq, sender_id, body, nonce)
    select ${id}, before + number, ${by.id}, repeat('😀', 4000), gen_random_uuid()
    from numbered, generate_series(1, ${count}::int) as number`)
}
