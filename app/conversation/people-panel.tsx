import { memo } from 'react'
import { Avatar } from '@/app/ui/avatar'
import { PersonName } from '@/app/ui/person-name'
import type { User } from '@/lib/views'

type PeoplePanelProps = { people: User[]; userId: string }

const panelId = 'people-here'

/** Opens the panel on screens that have no space for it beside the room. The browser does that without a script. */
export const PeopleButton = () => (
  <button type="button" popoverTarget={panelId} className="button button-quiet min-w-11 px-2 xl:hidden">
    <span className="max-sm:sr-only">People</span>
    <svg aria-hidden viewBox="0 0 24 24" className="size-6 fill-current sm:hidden">
      <path d="M9 11a4 4 0 1 1 0-8 4 4 0 0 1 0 8Zm8 0a3 3 0 1 1 0-6 3 3 0 0 1 0 6ZM2 20c0-4 3-7 7-7s7 3 7 7H2Zm16 0c0-2.3-.7-4.2-1.9-5.7A5 5 0 0 1 22 19v1h-4Z" />
    </svg>
  </button>
)

/**
 * The people in a room: beside it on wide screens, otherwise a popover. Memoized, because the list may be long and the
 * conversation renders again for each message.
 */
export const PeoplePanel = memo(function PeoplePanel({ people, userId }: PeoplePanelProps) {
  return (
    <section
      id={panelId}
      popover="auto"
      aria-labelledby="people-here-title"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has no focusable element inside
      tabIndex={0}
      className="border-line bg-paper text-ink open:bg-raised hidden h-auto w-60 shrink-0 overflow-y-auto p-4 open:inset-auto open:top-16 open:right-2 open:block open:max-h-[70dvh] open:rounded-xl open:border open:shadow-lg xl:not-open:static xl:not-open:block xl:not-open:border-l"
    >
      <h2 id="people-here-title" className="text-muted pb-2 text-sm font-semibold">
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
