export const commandHelp = `/login name [password]  log in; a free name makes you a guest, or creates an account if you give a password
/join room              join another room; a free name creates it
/talk name              open a conversation: a username or name, or the title of a group
/who                    list the people in the room or conversation
/leave                  leave the room, or close the conversation
/quit                   quit
/help                   show this list
Anything else is sent to the room or conversation. For a message that begins with /, type // instead.`

export type Command =
  | { verb: 'send'; body: string }
  | { verb: 'login'; name: string; password?: string }
  | { verb: 'join'; room: string }
  | { verb: 'talk'; name: string }
  | { verb: 'who' | 'leave' | 'quit' | 'help' | 'nothing' }
  | { verb: 'invalid'; hint: string }

export const isCommand = (line: string) => /^\/(?!\/)/.test(line)

/** Reads a typed line as a command or a message. */
export function parseLine(line: string): Command {
  if (!line.trim()) return { verb: 'nothing' }
  if (!isCommand(line)) return { verb: 'send', body: line.replace(/^\/\//, '/') }
  const [, verb = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? []
  switch (verb.toLowerCase()) {
    case 'login': {
      // A password may contain spaces.
      const [, name, password] = /^(\S+)(?:\s+(\S.*))?$/s.exec(rest) ?? []
      return name ? { verb: 'login', name, password } : invalid('Type /login name [password].')
    }
    case 'join': {
      const [room, more] = rest.split(/\s+/)
      return room && !more ? { verb: 'join', room } : invalid('Type /join room.')
    }
    case 'talk':
      return rest.trim() ? { verb: 'talk', name: rest.trim() } : invalid('Type /talk name.')
    case 'who':
    case 'leave':
    case 'quit':
    case 'help':
      return { verb: verb.toLowerCase() as 'who' }
    default:
      return invalid(`Unknown command /${verb}. Type /help for a list.`)
  }
}

const invalid = (hint: string): Command => ({ verb: 'invalid', hint })
