import { createInterface, type Interface, type Key } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import { linesOf } from '../lines'
import { isCommand, parseLine } from './commands'
import { colours, formatNote, plain, type Style } from './format'

/** Where lines come from, and where the room is shown. */
export interface Screen {
  readonly style: Style
  readonly lines: AsyncIterable<string>
  print(text: string): void
  note(text: string): void
  prompt(text: string): void
  /** Asks for what must not be seen; undefined where there is nobody to ask. */
  askHidden(question: string): Promise<string | undefined>
  close(): void
}

type Watch = { onQuit: () => void; isAway: () => boolean }

export function openScreen(watch: Watch): Screen {
  const { stdin, stdout, env } = process
  return stdin.isTTY && stdout.isTTY && env.TERM !== 'dumb' ? new Terminal(watch) : pipe
}

/** Text in, text out: what is said on the way goes to standard error. */
const pipe: Screen = {
  style: plain,
  lines: withoutReturns(),
  print: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${formatNote(text, plain)}\n`),
  prompt: () => {},
  askHidden: async () => undefined,
  close: () => {},
}

async function* withoutReturns() {
  for await (const line of linesOf(process.stdin)) yield line.replace(/\r$/, '')
}

/** Lines come in above the one being typed, which stays as it is. */
class Terminal implements Screen {
  readonly style = process.env.NO_COLOR ? plain : colours
  readonly lines: AsyncIterable<string>
  readonly #readline: Interface
  #question = ''
  #isClosed = false
  /** Rows that the line just entered took. */
  #entered = 0

  constructor({ onQuit, isAway }: Watch) {
    const { stdin } = process
    // Key by key: of what comes at once, a paste, readline loses track.
    const keys = new PassThrough()
    stdin.setRawMode(true).setEncoding('utf8')
    stdin.on('data', (text: string) => {
      for (const key of text) keys.write(key)
    })
    // Before readline sees it: at the line's end the cursor tells how much of the screen it takes.
    keys.on('keypress', (_, { name }: Key) => {
      if (name !== 'return' && name !== 'enter') return
      this.#readline.write(null, { ctrl: true, name: 'e' })
      this.#entered = this.#readline.getCursorPos().rows + 1
    })
    const output = new Curtain(() => this.#question !== '')
    this.#readline = createInterface({ input: keys, output, terminal: true })
    this.lines = this.#readline[Symbol.asyncIterator]()
    const quit = () => {
      if (this.#isClosed) process.exit()
      this.close()
    }
    this.#readline
      .on('line', (line) => {
        // What is said comes back with its time and name; until it can, it stays as it was typed.
        if (!isCommand(line) && !isAway()) process.stdout.write(`\x1b[${this.#entered}A\x1b[J`)
        if (parseLine(line).verb === 'quit') onQuit()
        this.#readline.prompt()
      })
      .on('history', (lines) => {
        if (this.#question || parseLine(lines[0] ?? '').verb === 'login') lines.shift()
      })
      .on('close', () => {
        this.#erase()
        this.#isClosed = true
        stdin.setRawMode(false).pause()
        onQuit()
      })
      .on('SIGINT', quit)
    process.on('SIGINT', quit).on('SIGTERM', quit).on('SIGHUP', quit)
  }

  print(text: string) {
    if (this.#isClosed) return void process.stdout.write(`${text}\n`)
    const rows = this.#erase()
    process.stdout.write(`${text}\n`)
    if (this.#question) return void process.stdout.write(this.#question)
    // readline draws from as many rows above as the line had.
    process.stdout.write('\n'.repeat(rows))
    this.#readline.prompt(true)
  }

  note = (text: string) => this.print(formatNote(text, this.style))

  prompt(text: string) {
    this.#readline.setPrompt(text)
    this.#readline.prompt(true)
  }

  askHidden(question: string) {
    this.#erase()
    process.stdout.write(question)
    this.#question = question
    return new Promise<string | undefined>((resolve) => {
      this.#readline.once('close', () => resolve(undefined))
      this.#readline.question(question, (answer) => {
        this.#question = ''
        process.stdout.write('\n')
        this.#readline.prompt()
        resolve(answer)
      })
    })
  }

  close = () => this.#readline.close()

  /** Clears what is being typed off the screen. @returns the rows that the cursor was down in it */
  #erase() {
    const rows = this.#question ? 0 : this.#readline.getCursorPos().rows
    if (!this.#isClosed) process.stdout.write(`${rows ? `\x1b[${rows}A` : ''}\r\x1b[J`)
    return rows
  }
}

/** The terminal's output, with nothing shown while it is drawn. */
class Curtain extends Writable {
  constructor(isDrawn: () => boolean) {
    super({
      write(chunk, _encoding, done) {
        if (!isDrawn()) process.stdout.write(chunk)
        done()
      },
    })
    process.stdout.on('resize', () => this.emit('resize'))
  }

  get columns() {
    return process.stdout.columns
  }
}
