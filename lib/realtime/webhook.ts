import 'server-only'
import { stopAttending } from '@/lib/attendance'
import { noteConnected, noteDisconnected } from '@/lib/presence'
import { parseAttendance, parseChannel } from './channels'
import { soketi } from './soketi'

/** Handles Soketi's webhooks about connections. @returns false if the signature is wrong */
export async function readWebhook(headers: Headers, body: string) {
  // The library throws if there is no signature.
  if (!headers.has('x-pusher-signature')) return false
  const webhook = soketi().webhook({ headers: Object.fromEntries(headers), rawBody: body })
  if (!webhook.isValid()) return false
  for (const { name, channel = '' } of webhook.getEvents()) {
    const attendance = parseAttendance(channel)
    if (attendance && name === 'channel_vacated') await stopAttending(attendance)
    const { kind, id } = parseChannel(channel) ?? {}
    if (kind !== 'private-user' || !id) continue
    if (name === 'channel_occupied') await noteConnected([id])
    if (name === 'channel_vacated') await noteDisconnected(id)
  }
  return true
}
