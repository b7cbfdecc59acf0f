import 'server-only'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'
import { processState } from '@/db/process-state'

/** The request being answered. */
export type RequestContext = {
  id: string
  /** The response of Node.js until it is closed; undefined on platforms with another kind of server. */
  response?: ServerResponse
}

const storage = processState('request', () => new AsyncLocalStorage<RequestContext>())

/** Runs `work` so that `currentRequest` returns the context, also in everything it starts. */
export const withRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work)

export const currentRequest = () => storage.getStore()
