import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { eventually } from '@/testing/eventually'

export const columns = 60
const patienceMs = 15_000
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are controlled by them
const sequences = /\x1b\[(\d*)([A-Za-z])|[\s\S]/gu

/** Why terminals cannot be tested here, or false. Only the `script` of util-linux can run a program in one. */
export const noTerminals = `${spawnSync('script', ['-V']).stdout}`.includes('util-linux')
  ? false
  : 'needs `script` of util-linux'

/** A program that runs in a terminal (made by util-linux's `script`), and its screen. */
export class PseudoTerminal {
  readonly #child
  readonly #ended
  output = ''

  constructor(command: string[], env: Record<string, string> = {}) {
    const quoted = command.map((word) => `'${word}'`).join(' ')
    const line = `stty cols ${columns} rows 30; exec ${quoted}`
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#ended = once(this.#child, 'exit')
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text))
  }

  type = (text: string) => this.#child.stdin.write(text)

  /** Types a line and presses Enter. */
  enter = (line: string) => this.type(`${line}\r`)

  /** The lines of the screen, including those that have scrolled away. */
  screen = () => render(this.output)

  shows = (text: string | RegExp) =>
    this.#comesTo(`show ${text}`, (screen) =>
      screen.some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line))),
    )

  /** Waits until the screen ends with the text, which may be the line being typed. */
  endsWith = (text: string) => this.#comesTo(`end with ${text}`, (screen) => screen.join('\n').endsWith(text))

  isLike = (lines: string[], read = (screen: string[]) => screen) =>
    this.#comesTo(`be like this:\n${lines.join('\n')}\n`, (screen) => isDeepStrictEqual(read(screen), lines))

  async exitCode() {
    const [code] = await this.#ended
    return code as number
  }

  end = () => this.#child.kill('SIGKILL')

  #comesTo = (what: string, isIt: (screen: string[]) => boolean) =>
    eventually(() => isIt(this.screen()), patienceMs).catch(() =>
      assert.fail(`The screen did not ${what}, but is:\n${this.screen().join('\n')}`),
    )
}

/** Draws the output as a terminal does. Knows only the control sequences that readline uses. */
function render(output: string) {
  const rows: string[][] = [[]]
  let row = 0
  let column = 0
  const put = (character: string) => {
    if (column === columns) newLine()
    const cells = rows[row] ?? []
    rows[row] = cells
    while (cells.length < column) cells.push(' ')
    cells[column++] = character
  }
  const newLine = () => {
    row++
    column = 0
    rows[row] ??= []
  }
  const steer = (count: string, letter: string) => {
    const by = Number(count) || 1
    if (letter === 'A') row = Math.max(0, row - by)
    else if (letter === 'B') row += by
    else if (letter === 'C') column += by
    else if (letter === 'D') column = Math.max(0, column - by)
    else if (letter === 'G') column = by - 1
    else if (letter === 'K') rows[row]?.splice(column)
    else if (letter === 'J') {
      rows[row]?.splice(column)
      rows.splice(row + 1)
    } else assert.equal(letter, 'm', `no other sequence: ${letter}`)
  }
  for (const [token, count = '', letter] of output.matchAll(sequences))
    if (letter) steer(count, letter)
    else if (token === '\r') column = 0
    else if (token === '\n') newLine()
    else if (token === '\x07') continue
    else put(token)
  return rows.map((cells) => cells.join('').trimEnd())
}
