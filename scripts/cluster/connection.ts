import Pusher from 'pusher-js'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { eventually } from '@/testing/eventually'
import { Site } from '../console/site'
import type { Participant } from '../faults/participants'

type Received = { channel: string; name: string; data: Record<string, unknown> }

/** A person at one of the sites, with a socket to one of Soketi's nodes. */
export class Connection {
  readonly received: Received[] = []
  readonly site: Site
  readonly pusher: Pusher
  wasClosed = false

  constructor(
    readonly person: Participant,
    siteUrl: string,
    nodeUrl: string,
    key: string,
  ) {
    this.site = new Site(siteUrl, () => {}, person.token)
    this.pusher = new Pusher(key, {
      ...socketOptions(nodeUrl),
      ...authorizedBy((fields) => this.site.ask('/api/realtime/auth', { json: fields })),
    })
    this.pusher.connection.bind('state_change', ({ previous }: { previous: string }) => {
      this.wasClosed ||= previous === 'connected'
    })
    this.pusher.signin()
  }

  async subscribe(...channels: string[]) {
    for (const channel of channels)
      this.pusher.subscribe(channel).bind_global((name: string, data: Received['data']) => {
        this.received.push({ channel, name, data })
      })
    const isSubscribed = (channel: string) =>
      this.received.some((one) => one.channel === channel && one.name === 'pusher:subscription_succeeded')
    await eventually(() => channels.every(isSubscribed))
    return this
  }

  receives = (name: string, isIt: (data: Received['data']) => boolean = () => true, withinMs = 5000) =>
    eventually(() => this.received.find((one) => one.name === name && isIt(one.data)), withinMs)

  count = (name: string) => this.received.filter((one) => one.name === name).length

  close = () => this.pusher.disconnect()
}
