import { useEffect } from 'react'
import { useShown, useStore } from '@/app/browser/store-context'
import { peopleChannel } from '@/lib/realtime/channels'
import { connectRealtime, subscribe } from '@/lib/realtime/client'
import type { Events } from '@/lib/realtime/events'

/** Keeps the statuses of the listed people up to date, and the group whose people they are. */
export function useStatuses(people: { id: string }[], groupId?: string) {
  const store = useStore()
  useShown({ conversationId: groupId, people: people.map(({ id }) => id) })
  useEffect(
    () =>
      subscribe(connectRealtime(store.realtime), peopleChannel, {
        'status.changed': (data: Events['status.changed']) => store.receive('status.changed', data),
        'pusher:subscription_succeeded': () => store.update(),
      }),
    [store],
  )
}
