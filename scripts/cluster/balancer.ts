import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { statusOf } from '../services/status'

const checkEveryMs = 1000
const checkWithinMs = 1000

type Backend = { url: URL; path: string; isUp: boolean; sockets: Set<Socket> }

/**
 * A load balancer for TCP connections. It asks its backends every second whether they answer, sends each connection to
 * the next one that does, and cuts the connections of one that does not.
 */
export class Balancer {
  readonly #server: Server
  readonly #backends: Backend[]
  readonly #checks: NodeJS.Timeout
  #next = 0

  private constructor(urls: string[], path: string) {
    this.#backends = urls.map((url) => ({ url: new URL(url), path, isUp: true, sockets: new Set() }))
    this.#server = createServer((client) => this.#connect(client))
    this.#checks = setInterval(() => this.#backends.forEach(check), checkEveryMs)
  }

  static async start(urls: string[], path: string) {
    const balancer = new Balancer(urls, path)
    balancer.#server.listen(0, '127.0.0.1')
    await once(balancer.#server, 'listening')
    return balancer
  }

  get url() {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop() {
    clearInterval(this.#checks)
    this.#server.close()
    this.#backends.forEach(cut)
  }

  #connect(client: Socket) {
    const up = this.#backends.filter(({ isUp }) => isUp)
    const backend = up[this.#next++ % up.length]
    if (!backend) return client.destroy()
    const server = connect(Number(backend.url.port), backend.url.hostname)
    backend.sockets.add(client)
    client
      .on('error', () => {})
      .on('close', () => {
        backend.sockets.delete(client)
        server.destroy()
      })
    server.on('error', () => {}).on('close', () => client.destroy())
    client.pipe(server).pipe(client)
  }
}

async function check(backend: Backend) {
  const status = await statusOf(new URL(backend.path, backend.url).href, checkWithinMs)
  backend.isUp = status !== undefined
  if (!backend.isUp) cut(backend)
}

function cut({ sockets }: Backend) {
  for (const socket of sockets) socket.destroy()
}
