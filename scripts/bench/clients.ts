import { once } from 'node:events'
import { startChild } from './child'
import type { Commands } from './generator'

export type Clients = Awaited<ReturnType<typeof startClients>>

/** Starts the process that sends and receives for all people. It runs one command at a time. */
export async function startClients() {
  const { process, stop } = await startChild('generator')
  return {
    stop,
    async run<Name extends keyof Commands>(name: Name, input: Parameters<Commands[Name]>[0]) {
      process.send({ name, input })
      const [{ result, error }] = await once(process, 'message')
      if (error) throw new Error(error)
      return result as Awaited<ReturnType<Commands[Name]>>
    },
  }
}
