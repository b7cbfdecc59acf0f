import { memo } from 'react'
import { Avatar } from '@/app/ui/avatar'
import { PersonName } from '@/app/ui/person-name'
import type { User } from '@/lib/views'

type PeoplePanelProps = { people: User[]; userId: string }

/** Who is in a room, beside it where there is space. Not rendered again for each message, because it may be long. */
export const PeoplePanel = memo(function PeoplePanel({ people, userId }: PeoplePanelProps) {
  return (
    <section
      aria-labelledby="people-here"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and holds nothing else to stop at
      tabIndex={0}
      className="border-line hidden w-60 shrink-0 overflow-y-auto border-l p-4 xl:block"
    >
      <h2 id="people-here" className="text-muted pb-2 text-sm font-semibold">
        People here
      </h2>
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {people.map((person) => (
          <li key={person.id} className="flex items-center gap-2">
            <Avatar {...person} size="small" />
            <span className="min-w-0">
              <PersonName of={person} />
              {person.id === userId && <span className="text-muted whitespace-nowrap"> · you</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
})
