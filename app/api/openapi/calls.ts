import { accounts } from './accounts'
import type { Calls } from './call'
import { conversations } from './conversations'
import { groups } from './groups'
import { links } from './links'
import { people } from './people'
import { reports } from './reports'
import { rooms } from './rooms'
import { operation, realtime } from './service'

/** Every call of the API, in the order of its documentation. A call that is missing here fails calls.test.ts. */
export const calls: Record<string, Calls> = {
  Accounts: accounts,
  'People and invitations': people,
  Conversations: conversations,
  Groups: groups,
  Links: links,
  Rooms: rooms,
  Reports: reports,
  Realtime: realtime,
  Operation: operation,
}
