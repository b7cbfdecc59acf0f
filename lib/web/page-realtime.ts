import 'server-only'
import { headers } from 'next/headers'
import type { CurrentUser } from '@/lib/current-user'
import type { Realtime } from '@/lib/realtime/client'
import { realtimeAddress } from './realtime-address'

/**
 * Where a page's script reaches Soketi. When an action redirects, the framework asks for the next page itself, under a name
 * of its own: then only the origin is still what the browser said.
 */
export async function pageRealtime({ loginSessionId }: CurrentUser): Promise<Realtime> {
  const all = await headers()
  const origin = all.get('origin') ?? ''
  const asked = URL.canParse(origin) ? new Headers({ host: new URL(origin).host }) : all
  return { ...realtimeAddress(asked), loginSessionId }
}
