import { parseArgs } from 'node:util'
import { commandHelp } from './commands'

export const usage = 'Usage: npm run console -- <address> [--room name] [--login name]'

export const help = `${usage}

Chats in a room of the Parley at this address, as a guest at first.

  --room name    the room to join at the start (default: lobby)
  --login name   log in at the start; the password is read from PARLEY_PASSWORD or asked for
  --help         show this text

${commandHelp}

Without a terminal, the lines of standard input are read in the same way: echo hi | npm run -s console -- <address>
Messages go to standard output, notes about the connection to standard error.

Exit codes: 0 success; 1 wrong usage; 2 the site was not reached; 3 something was refused or not sent.
NO_COLOR is respected.`

/** @throws {Error} with a sentence if the arguments are invalid */
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

/** Adds a missing scheme: http for addresses of this machine, otherwise https. */
function parseAddress(address: string) {
  const isLocal = /^(localhost|127\.|\[::1\])/i.test(address)
  const full = /^https?:\/\//i.test(address) ? address : `${isLocal ? 'http' : 'https'}://${address}`
  if (!URL.canParse(full))
    throw new Error(`“${address}” is not the address of a site, such as http://127.0.0.1:3000.`)
  return full
}
