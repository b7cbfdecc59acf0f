import type { ReactNode } from 'react'
import type { User } from '@/lib/views'
import { Avatar } from './avatar'
import { PersonName } from './person-name'
import { Status } from './status'

type PersonLineProps = { person: User; isOneself: boolean; note: ReactNode }

/** A person's avatar, name and status, after a note about them. */
export const PersonLine = ({ person, isOneself, note }: PersonLineProps) => (
  <>
    <Avatar id={person.id} name={person.name} status={person.status} />
    <div className="min-w-0 flex-1 basis-44">
      <p className="font-semibold">
        <PersonName of={person} />
        {isOneself && <span className="text-muted font-normal whitespace-nowrap"> · you</span>}
      </p>
      <p className="text-muted text-sm">
        {note}
        <Status of={person} />
      </p>
    </div>
  </>
)
