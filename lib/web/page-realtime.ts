import 'server-only'
import { headers } from 'next/headers'
import type { CurrentUser } from '@/lib/current-user'
import type { Realtime } from '@/lib/realtime/client'
import { realtimeAddress } from './realtime-address'

/**
 * How a page's script connects to Soketi. After an action that redirects, Next.js requests the next page itself, with
 * its own host name. Then only the origin header still has the browser's.
 */
export async function pageRealtime({ loginSessionId }: CurrentUser): Promise<Realtime> {
  const all = await headers()
  const origin = all.get('origin') ?? ''
  const asked = URL.canParse(origin) ? new Headers({ host: new URL(origin).host }) : all
  return { ...realtimeAddress(asked), loginSessionId }
}
