import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import { processState } from '@/db/process-state'

/** The request that is being answered. */
export type RequestContext = {
  id: string
  /** The response of Node.js, until it is closed; on a platform with another kind of server there is none. */
  response?: ServerResponse
}

const storage = processState('request', () => new AsyncLocalStorage<RequestContext>())

/** Runs `work` and all that it starts as parts of a request. */
export const withRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work)

export const currentRequest = () => storage.getStore()
