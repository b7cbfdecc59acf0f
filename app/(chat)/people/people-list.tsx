'use client'

import { useStore } from '@/app/browser/store-context'
import type { FoundPerson } from '@/lib/views'
import { PersonRow } from './person-row'
import { useStatuses } from './use-statuses'

type PeopleListProps = { people: FoundPerson[]; canInvite: boolean }

/** People, with their statuses as they change. */
export function PeopleList({ people, canInvite }: PeopleListProps) {
  const { userId } = useStore()
  useStatuses(people)
  return (
    <ul className="divide-line divide-y">
      {people.map((person) => (
        <PersonRow
          key={person.id}
          person={person}
          isOneself={person.id === userId}
          canInvite={canInvite && !person.isBlocked && !person.isGuest}
        />
      ))}
    </ul>
  )
}
