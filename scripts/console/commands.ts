export const commandHelp = `/login name [password]  log in; a free name is yours as a guest, with a password for good
/join room              go to another room; a free name makes it
/who                    who is in the room
/leave                  leave the room
/quit                   leave Parley
/help                   this list
Anything else is said in the room; //… says a line that begins with /.`

export type Command =
  | { verb: 'say'; body: string }
  | { verb: 'login'; name: string; password?: string }
  | { verb: 'join'; room: string }
  | { verb: 'who' | 'leave' | 'quit' | 'help' | 'nothing' }
  | { verb: 'misunderstand'; hint: string }

export const isCommand = (line: string) => /^\/(?!\/)/.test(line)

/** What a line that was typed asks for. */
export function parseLine(line: string): Command {
  if (!line.trim()) return { verb: 'nothing' }
  if (!isCommand(line)) return { verb: 'say', body: line.replace(/^\/\//, '/') }
  const [, verb = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? []
  switch (verb.toLowerCase()) {
    case 'login': {
      // A password may hold spaces.
      const [, name, password] = /^(\S+)(?:\s+(\S.*))?$/s.exec(rest) ?? []
      return name ? { verb: 'login', name, password } : misunderstood('Write /login name [password].')
    }
    case 'join': {
      const [room, more] = rest.split(/\s+/)
      return room && !more ? { verb: 'join', room } : misunderstood('Write /join room.')
    }
    case 'who':
    case 'leave':
    case 'quit':
    case 'help':
      return { verb: verb.toLowerCase() as 'who' }
    default:
      return misunderstood(`There is no /${verb}; /help lists what there is.`)
  }
}

const misunderstood = (hint: string): Command => ({ verb: 'misunderstand', hint })
