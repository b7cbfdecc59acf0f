'use client'

import { useEffect } from 'react'
import { useShown, useStore } from '@/app/browser/store-context'
import type { FoundPerson } from '@/lib/people'
import { peopleChannel } from '@/lib/realtime/channels'
import { connectRealtime, subscribe } from '@/lib/realtime/client'
import type { Events } from '@/lib/realtime/events'
import { PersonRow } from './person-row'

/** People, with their statuses as they change. */
export function PeopleList({ people }: { people: FoundPerson[] }) {
  const store = useStore()
  useShown({ people: people.map(({ id }) => id) })
  useEffect(
    () =>
      subscribe(connectRealtime(store.realtime), peopleChannel, {
        'status.changed': (data: Events['status.changed']) => store.receive('status.changed', data),
        'pusher:subscription_succeeded': () => store.update(),
      }),
    [store],
  )
  return (
    <ul className="divide-line divide-y">
      {people.map((person) => (
        <PersonRow key={person.id} person={person} isOneself={person.id === store.userId} />
      ))}
    </ul>
  )
}
