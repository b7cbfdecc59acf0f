import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from './eventually'
import { requestText } from './http'

export type Frame = { event: string; channel?: string; data?: unknown }

const text = 1
const close = 8

/** A socket to Soketi that can send any bytes, including frames that no client of Parley sends. */
export class RawSocket {
  readonly frames: Frame[] = []
  /** The close code from Soketi. 1006 means that no close frame came, as in browsers. */
  code?: number
  #received = Buffer.alloc(0)

  /** Resolves when Soketi's first frame has arrived. */
  static async open(url: string, key: string, headers: Record<string, string> = {}) {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    const raw = new RawSocket(socket)
    socket.write(
      requestText(`GET /app/${key}?protocol=7`, {
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...headers,
      }),
    )
    await eventually(() => raw.frames.length > 0 || raw.code)
    return raw
  }

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.code ??= 1006
    })
  }

  /** The id that Soketi gave this socket. */
  get id(): string {
    return JSON.parse(String(this.frames[0]?.data)).socket_id
  }

  send(frame: unknown) {
    this.sendBytes(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  sendBytes(payload: string | Buffer, opcode = text) {
    const body = Buffer.from(payload)
    const length =
      body.length < 126
        ? Buffer.from([0x80 | body.length])
        : Buffer.from([0x80 | 127, ...Array(4).fill(0), ...int32(body.length)])
    // Clients must mask their frames. A mask of zeros leaves the bytes as they are.
    this.socket.write(Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), body]))
  }

  /** Sends a close frame. */
  close(code: number) {
    this.sendBytes(Buffer.from([code >> 8, code & 255]), close)
  }

  /** The first frame for which `isIt` holds. */
  receives = (isIt: (frame: Frame) => boolean) => eventually(() => this.frames.find(isIt))

  /** Subscribes. @returns the name of the event that Soketi answers with */
  async subscribe(channel: string, more: object = {}) {
    const before = this.frames.length
    this.send({ event: 'pusher:subscribe', data: { channel, ...more } })
    const isAnswer = (frame: Frame) =>
      frame.channel === channel && /subscription_(succeeded|error)$/.test(frame.event)
    return (await eventually(() => this.frames.slice(before).find(isAnswer))).event
  }

  /** Resolves with the close code. */
  ended = () => eventually(() => this.code)

  /** Whether Soketi still answers a ping. */
  async isOpen() {
    const pongs = () => this.frames.filter(({ event }) => event === 'pusher:pong').length
    const before = pongs()
    this.send({ event: 'pusher:ping', data: {} })
    return eventually(() => pongs() > before || this.code).then(() => this.code === undefined)
  }

  destroy() {
    this.socket.destroy()
  }

  #read(chunk: Buffer) {
    this.#received = Buffer.concat([this.#received, chunk])
    // The response to the upgrade comes before the first frame.
    if (this.#received.subarray(0, 4).toString() === 'HTTP') {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#received = this.#received.subarray(end + 4)
    }
    for (;;) {
      const payload = this.#takePayload()
      if (!payload) return
      const { opcode, body } = payload
      if (opcode === text) this.frames.push(JSON.parse(body.toString()))
      if (opcode === close) this.code = body.length >= 2 ? body.readUInt16BE() : 1005
    }
  }

  #takePayload() {
    const bytes = this.#received
    if (bytes.length < 2) return undefined
    const short = Number(bytes[1]) & 127
    const start = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length < start) return undefined
    const length =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    if (bytes.length < start + length) return undefined
    this.#received = bytes.subarray(start + length)
    return { opcode: Number(bytes[0]) & 15, body: bytes.subarray(start, start + length) }
  }
}

function int32(value: number) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
