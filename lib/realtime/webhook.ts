import 'server-only'
import { noteReports, requestList } from '@/lib/presence-check'
import { soketi } from './soketi'

/** Handles Soketi's webhooks about connections. @returns false if the signature is wrong */
export async function readWebhook(headers: Headers, body: string) {
  // The library throws if there is no signature.
  if (!headers.has('x-pusher-signature')) return false
  const webhook = soketi().webhook({ headers: Object.fromEntries(headers), rawBody: body })
  if (!webhook.isValid()) return false
  const events = webhook.getEvents()
  const channelsOf = (name: string) =>
    events.flatMap(({ name: its, channel }) => (its === name && channel ? channel : []))
  await noteReports({ occupied: channelsOf('channel_occupied'), vacated: channelsOf('channel_vacated') })
  // Sent by Soketi's guard (scripts/services/soketi/guard/webhooks.cjs).
  if (events.some(({ name }) => name === 'resync')) await requestList()
  return true
}
