import { createServer } from 'node:net'

export { addressOf } from '@/lib/web/own-address'

/** Listens on the port for a moment: 0 for any free one. */
export function tryPort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}

export const freePort = () => tryPort(0, '127.0.0.1')

/** @throws with the setting to change when the port cannot be used. */
export async function requirePort(setting: 'PORT' | 'SOKETI_PORT', port: number, host: string) {
  await tryPort(port, host).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      throw new Error(
        `Port ${port} on ${host} is taken by another program. Set ${setting} to a free port, or end that program.`,
      )
    if (error.code === 'EACCES')
      throw new Error(`Port ${port} may only be used by root. Set ${setting} to one above 1023.`)
    throw new Error(`Cannot listen on ${host}, port ${port} (${error.code}). Check HOST and ${setting}.`)
  })
}
