import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'

/** The request that is being answered. */
export type RequestContext = {
  id: string
  /** The response of Node.js, until it is closed; on a platform with another kind of server there is none. */
  response?: ServerResponse
}

// Next.js loads this module once for each of its bundles, and a request passes through several of them.
const shared = globalThis as { parleyRequest?: AsyncLocalStorage<RequestContext> }
shared.parleyRequest ??= new AsyncLocalStorage()
const storage = shared.parleyRequest

/** Runs `work` and all that it starts as parts of a request. */
export const withRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work)

export const currentRequest = () => storage.getStore()
