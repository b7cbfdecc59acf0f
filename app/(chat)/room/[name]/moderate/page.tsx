import Link from 'next/link'
import { ButtonForm } from '@/app/ui/button-form'
import { Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { PersonName } from '@/app/ui/person-name'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { orMissing } from '@/lib/errors'
import { isModerator } from '@/lib/roles'
import { findModeratedRoom } from '@/lib/room-moderation'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../../missing'
import { closeRoom, openRoom, putOut } from './actions'

/** What moderators can do in a room. Unlike the room's other pages, it does not join it. */
async function ModeratePage({ params, searchParams }: PageProps<'/room/[name]/moderate'>) {
  const { name } = await params
  const user = await requireUser(`/room/${name}/moderate`)
  const from = String((await searchParams).from ?? '')
  const room = await orMissing(findModeratedRoom(user, name, from))
  if (!room) return missingPage()
  const { id, isClosed, people, next } = room
  const path = `/room/${room.name}`
  return (
    <Page title={`Moderate ${room.name}`}>
      <p>
        <Link href={path} prefetch={false} className="link">
          Back to the room
        </Link>
      </p>
      <Section title={isClosed ? 'This room is closed' : 'Close the room'}>
        <p>
          {isClosed
            ? 'People can read and join it. Nobody can write, edit or react in it until it is open again.'
            : 'People can still read and join it. Nobody can write, edit or react in it until you open it again.'}
        </p>
        <div className="flex">
          <ButtonForm
            action={isClosed ? openRoom : closeRoom}
            values={{ id }}
            className={isClosed ? '' : 'button-danger'}
          >
            {isClosed ? 'Open room' : 'Close room'}
          </ButtonForm>
        </div>
      </Section>
      <Section title="People in the room">
        <p>A person whom you put out leaves the room at once, and can come back when the time is over.</p>
        <ul className="divide-line border-line divide-y border-y">
          {people.map((person) => (
            <li key={person.id} className="grid gap-2 py-3">
              <PersonName of={person} />
              {person.id !== user.id && (user.siteRole === 'operator' || !isModerator(person)) && (
                <details>
                  <summary className="button">
                    Put out<span className="sr-only"> {person.name}</span>
                  </summary>
                  <div className="pt-3">
                    <Form
                      action={putOut}
                      hidden={{ id, person: person.id }}
                      fields={minutes}
                      button="Put out"
                      isDanger
                    />
                  </div>
                </details>
              )}
            </li>
          ))}
        </ul>
        {next && (
          <p>
            <Link href={`${path}/moderate?from=${next}`} prefetch={false} className="link">
              More people
            </Link>
          </p>
        )}
      </Section>
    </Page>
  )
}

export default orTooSlow(ModeratePage, Page)

const minutes = [
  {
    name: 'minutes',
    label: 'Minutes',
    inputMode: 'numeric' as const,
    hint: '1 to 10,080, which is a week.',
    value: '60',
  },
]
