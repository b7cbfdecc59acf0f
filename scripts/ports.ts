import { createServer } from 'node:net'

export { addressOf } from '@/lib/web/own-address'

/** Listens on the port for a moment. @returns the port, chosen by the system if `port` is 0 */
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

/** @throws if the port cannot be used, with a sentence that names the setting to change */
export async function requirePort(setting: 'PORT' | 'SOKETI_PORT', port: number, host: string) {
  await tryPort(port, host).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      throw new Error(
        `Port ${port} on ${host} is used by another program. Set ${setting} to a free port, or stop that program.`,
      )
    if (error.code === 'EACCES')
      throw new Error(`Port ${port} may only be used by root. Set ${setting} to a port above 1023.`)
    throw new Error(`Cannot listen on ${host}, port ${port} (${error.code}). Check HOST and ${setting}.`)
  })
}
