'use client'

import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { Realtime } from '@/lib/realtime/client'
import { laterStatus } from '@/lib/realtime/events'
import type { ConversationView, Invitation, Status, User } from '@/lib/views'
import { byId, listInvitations, type Overview, type State } from './state'
import { nothingShown, Store } from './store'

const StoreContext = createContext<Store | undefined>(undefined)

type StoreProviderProps = { userId: string; realtime: Realtime; seed: Overview; children: ReactNode }

/**
 * Provides the page's store, and a new one for another login session. A key would do the same, but without JavaScript
 * React finds a form's state by the keys around the form.
 */
export function StoreProvider({ userId, realtime, seed, children }: StoreProviderProps) {
  const [store, setStore] = useState(() => new Store(userId, realtime, seed))
  if (store.realtime.loginSessionId !== realtime.loginSessionId) setStore(new Store(userId, realtime, seed))
  useEffect(() => store.add(seed), [store, seed])
  return <StoreContext value={store}>{children}</StoreContext>
}

export function useStore() {
  const store = useContext(StoreContext)
  if (!store) throw new Error('Use this within a StoreProvider.')
  return store
}

/** A part of the state. `select` must return the same object while nothing changes. */
export function useSelected<Part>(select: (state: State) => Part): Part {
  const store = useStore()
  return useSyncExternalStore(
    store.subscribe,
    () => select(store.state),
    () => select(store.initial),
  )
}

/** The person with their latest known status. */
export function useStatusOf<Shown extends User>(person: Shown): Shown {
  const known = useSelected(({ people }) => people[person.id])
  return { ...person, ...laterStatus<Status>(known ?? person, person) }
}

/** The signed-in person's invitations, with the `answered` ones that a page has loaded. */
export function useInvitations(answered: Invitation[] = []) {
  const invitations = useSelected((state) => state.invitations)
  const { userId } = useStore()
  return listInvitations({ invitations: { ...invitations, ...byId(answered) }, userId })
}

/** A conversation as the server rendered it, with all changes since. */
export function useConversation(rendered: ConversationView): ConversationView {
  const store = useStore()
  const [seeded, setSeeded] = useState<ConversationView>()
  useEffect(() => {
    store.addConversation(rendered)
    setSeeded(rendered)
  }, [store, rendered])
  const known = useSelected(({ conversations }) => conversations[rendered.id])
  return (seeded === rendered && known) || rendered
}

/** Whether the page is in the background. */
export const useIsHidden = () =>
  useSyncExternalStore(
    onVisibilityChange,
    () => document.hidden,
    () => false,
  )

function onVisibilityChange(listener: () => void) {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** Includes a conversation and people that the page shows in the store's updates. */
export function useShown({ conversationId = '', people }: { conversationId?: string; people?: string[] }) {
  const store = useStore()
  const ids = people?.join()
  useEffect(() => {
    store.shown = { conversationId, people: ids ? ids.split(',') : [] }
    return () => {
      store.shown = nothingShown
    }
  }, [store, conversationId, ids])
}
