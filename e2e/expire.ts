import { published } from '@/lib/realtime/publish'
import { expire } from '@/testing/retention'

/** Lets the messages of a conversation up to a `seq` expire. Playwright's process cannot import lib, which is server-only. */
const [conversationId = '', seq] = process.argv.slice(2)
await expire(conversationId, Number(seq))
await published()
process.exit()
