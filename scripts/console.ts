import { help, parseArguments } from './console/arguments'
import { Chat } from './console/chat'
import { isCommand, parseLine } from './console/commands'
import { openScreen } from './console/screen'
import { Away, Refused, Site } from './console/site'

const { address, room, login, help: isHelp } = parseArguments(process.argv.slice(2))
if (isHelp) {
  console.log(help)
  process.exit()
}

// Who reads the room over a pipe may have heard enough; what there is to say is said all the same.
process.stdout.on('error', () => {})

const site = new Site(address, (text) => screen.note(text))
const screen = openScreen({ onQuit: site.giveUp, isAway: () => site.isAway })
const chat = new Chat(site, screen)

process.exitCode = (await begin()) || (await talk())
await chat.end()
screen.close()
process.exit()

async function begin() {
  try {
    await chat.begin({ username: login, password: login && process.env.PARLEY_PASSWORD })
    await chat.join(room)
    return 0
  } catch (error) {
    if (error instanceof Refused || (error instanceof Away && error.waitMs)) return refused(error)
    screen.note(`There is no Parley at ${address}: ${(error as Error).message}`)
    return 2
  }
}

/** Line by line: what can't be said yet holds up what comes after. */
async function talk() {
  let code = 0
  for await (const line of screen.lines) {
    try {
      if (!(await chat.obey(parseLine(line)))) break
    } catch (error) {
      if (error instanceof Refused) {
        const failed = refused(error)
        if (process.stdin.isTTY) continue
        code = failed
        // What was meant for another room, or from somebody else, is not said here.
        if (isCommand(line)) break
      } else {
        screen.note(`Not said, as the site is away: ${line}`)
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
