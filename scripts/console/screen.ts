import { createInterface, type Interface, type Key } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import { linesOf } from '../lines'
import { isCommand, parseLine } from './commands'
import { colours, formatNote, plain, type Style } from './format'

/** Reads the user's lines and shows the room. */
export interface Screen {
  readonly style: Style
  readonly lines: AsyncIterable<string>
  print(text: string): void
  note(text: string): void
  prompt(text: string): void
  /** Asks for a password without showing it. Undefined if there is no terminal. */
  askHidden(question: string): Promise<string | undefined>
  close(): void
}

type Options = { onQuit: () => void; isUnavailable: () => boolean }

export function openScreen(options: Options): Screen {
  const { stdin, stdout, env } = process
  return stdin.isTTY && stdout.isTTY && env.TERM !== 'dumb' ? new Terminal(options) : pipe
}

/** Without a terminal: messages go to standard output, notes to standard error. */
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

/** Shows new lines above the one being typed, which stays unchanged. */
class Terminal implements Screen {
  readonly style = process.env.NO_COLOR ? plain : colours
  readonly lines: AsyncIterable<string>
  readonly #readline: Interface
  #question = ''
  #isClosed = false
  /** How many rows the last entered line took. */
  #enteredRows = 0

  constructor({ onQuit, isUnavailable }: Options) {
    const { stdin } = process
    // Key by key, because readline mishandles keys that arrive together, as in a paste.
    const keys = new PassThrough()
    stdin.setRawMode(true).setEncoding('utf8')
    stdin.on('data', (text: string) => {
      for (const key of text) keys.write(key)
    })
    // Before readline handles Enter, moves the cursor to the line's end. Its row tells how many rows the line takes.
    keys.on('keypress', (_, { name }: Key) => {
      if (name !== 'return' && name !== 'enter') return
      this.#readline.write(null, { ctrl: true, name: 'e' })
      this.#enteredRows = this.#readline.getCursorPos().rows + 1
    })
    const output = new HidingOutput(() => this.#question !== '')
    this.#readline = createInterface({ input: keys, output, terminal: true })
    this.lines = this.#readline[Symbol.asyncIterator]()
    const quit = () => {
      if (this.#isClosed) process.exit()
      this.close()
    }
    this.#readline
      .on('line', (line) => {
        // The message will be shown with its time and name. While the site does not answer, the typed line stays.
        if (!isCommand(line) && !isUnavailable()) process.stdout.write(`\x1b[${this.#enteredRows}A\x1b[J`)
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
    // readline redraws the line from as many rows above as it had.
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

  /** Removes the line being typed from the screen. @returns the cursor's row within the line */
  #erase() {
    const rows = this.#question ? 0 : this.#readline.getCursorPos().rows
    if (!this.#isClosed) process.stdout.write(`${rows ? `\x1b[${rows}A` : ''}\r\x1b[J`)
    return rows
  }
}

/** The terminal's output, which shows nothing while `isHidden` is true. */
class HidingOutput extends Writable {
  constructor(isHidden: () => boolean) {
    super({
      write(chunk, _encoding, done) {
        if (!isHidden()) process.stdout.write(chunk)
        done()
      },
    })
    process.stdout.on('resize', () => this.emit('resize'))
  }

  get columns() {
    return process.stdout.columns
  }
}
