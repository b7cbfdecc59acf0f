import { parseArgs } from 'node:util'
import { commandHelp } from './commands'

export const usage = 'Usage: npm run console -- <address> [--room name] [--login name]'

export const help = `${usage}

Talks in a room of the Parley at that address, as a guest at first.

  --room name    the room to join at the start (lobby)
  --login name   log in at the start; the password is in PARLEY_PASSWORD, or asked for
  --help         this text

${commandHelp}

Over a pipe each line of standard input is such a line: echo hi | npm run -s console -- <address>
The room goes to standard output, what else there is to say to standard error.

Exit codes: 0 fine; 1 wrong usage; 2 the site was not reached; 3 something was refused, or was not said.
NO_COLOR is respected.`

/** @throws {Error} with a sentence, for what is no usage of the console */
export function parseArguments(args: string[]) {
  const { values, positionals } = readArguments(args)
  const [address = '', ...more] = positionals
  if (more.length || (!address && !values.help)) throw new Error(usage)
  return { ...values, address: values.help ? '' : parseAddress(address) }
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        room: { type: 'string', default: 'lobby' },
        login: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`)
  }
}

/** Without a scheme: https, on this machine itself http. */
function parseAddress(address: string) {
  const isLocal = /^(localhost|127\.|\[::1\])/i.test(address)
  const full = /^https?:\/\//i.test(address) ? address : `${isLocal ? 'http' : 'https'}://${address}`
  if (!URL.canParse(full))
    throw new Error(`“${address}” is no address of a site, like http://127.0.0.1:3000.`)
  return full
}
