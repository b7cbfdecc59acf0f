import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after } from 'node:test'

const open = new Set<TcpProxy>()
after(() => {
  for (const proxy of open) proxy.close()
})

/** A way to a server that can be interrupted: by cutting or suspending its connections, or by accepting none. */
export class TcpProxy {
  /** Everything that clients have sent. */
  requests = ''
  /** Cuts a connection as soon as the server answers, so that the client does not get the answer. */
  dropsAnswers = false
  #port = 0
  #server?: Server
  readonly #sockets = new Set<Socket>()
  readonly #target: URL

  constructor(targetUrl: string) {
    this.#target = new URL(targetUrl)
  }

  /** The target's URL, with the port of this proxy. */
  get url() {
    const url = new URL(this.#target)
    url.port = String(this.#port)
    return url.href.replace(/\/$/, '')
  }

  /** Accepts connections, on the same port as before if it was closed. */
  async listen() {
    open.add(this)
    this.#server = createServer((client) => this.#connect(client)).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  /** Cuts all connections without closing them properly, as when a machine loses power. */
  cut() {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Passes nothing on over the open connections, as when the server hangs. */
  suspend() {
    for (const socket of this.#sockets) socket.pause()
  }

  /** Cuts all connections and accepts no more. */
  close() {
    this.#server?.close()
    this.cut()
    open.delete(this)
  }

  #connect(client: Socket) {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
    }
    client
      .on('data', (bytes) => {
        this.requests += bytes
      })
      .pipe(server)
    server.on('data', (bytes) => (this.dropsAnswers ? client.destroy() : client.write(bytes)))
  }
}
