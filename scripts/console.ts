import { help, parseArguments } from './console/arguments'
import { Chat } from './console/chat'
import { isCommand, parseLine } from './console/commands'
import { openScreen } from './console/screen'
import { Refused, Site, Unavailable } from './console/site'

const { address, room, login, help: isHelp } = parseArguments(process.argv.slice(2))
if (isHelp) {
  console.log(help)
  process.exit()
}

// If the program that reads the output ends, the lines of the input are still sent.
process.stdout.on('error', () => {})

const site = new Site(address, (text) => screen.note(text))
const screen = openScreen({ onQuit: site.giveUp, isUnavailable: () => site.isUnavailable })
const chat = new Chat(site, screen)

process.exitCode = (await begin()) || (await handleLines())
await chat.end()
screen.close()
process.exit()

async function begin() {
  try {
    await chat.begin({ username: login, password: login && process.env.PARLEY_PASSWORD })
    await chat.join(room)
    return 0
  } catch (error) {
    if (error instanceof Refused || (error instanceof Unavailable && error.retryAfterMs))
      return refused(error)
    screen.note(`Cannot reach a Parley at ${address}: ${(error as Error).message}`)
    return 2
  }
}

/** Handles the lines in order: a message that cannot be sent yet delays the following lines. */
async function handleLines() {
  let code = 0
  for await (const line of screen.lines) {
    try {
      if (!(await chat.execute(parseLine(line)))) break
    } catch (error) {
      if (error instanceof Refused) {
        const failed = refused(error)
        if (process.stdin.isTTY) continue
        code = failed
        // After a failed /join or /login, the next lines were meant for another room or user.
        if (isCommand(line)) break
      } else {
        screen.note(`Not sent, because the site does not answer: ${line}`)
        code = 3
      }
    }
  }
  return code
}

function refused({ message }: Error) {
  screen.note(message)
  return 3
}
