import Link from 'next/link'
import { Alert } from '@/app/ui/alert'
import { Form } from '@/app/ui/form'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { listRooms } from '@/lib/rooms'
import { requireUser } from '@/lib/web/page-user'
import { joinRoom } from './actions'

async function RoomsPage() {
  const user = await requireUser('/rooms')
  const { rooms, alert } = await orAlert(
    listRooms(user).then((rooms) => ({ rooms })),
    { rooms: [] },
  )
  return (
    <Page title="Rooms">
      <p className="text-muted">
        Rooms are open to everyone who is signed in, guests too. Join a new name to create a room.
      </p>
      {alert && <Alert>{alert}</Alert>}
      <ul className="divide-line border-line divide-y border-y">
        {rooms.map(({ id, name, count }) => (
          <li key={id}>
            <Link
              href={`/room/${name}`}
              prefetch={false}
              className="hover:bg-wash flex min-h-11 items-center justify-between gap-4 px-2 py-2"
            >
              <span className="font-semibold">{name}</span>
              <span className="text-muted text-sm">
                {count ? `${count} ${count === 1 ? 'person' : 'people'}` : 'Empty'}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <Form
        action={joinRoom}
        fields={[{ name: 'name', label: 'Room name', hint: '1 to 32 letters, digits, - or _' }]}
        button="Join"
      />
    </Page>
  )
}

export default orTooSlow(RoomsPage, Page)
