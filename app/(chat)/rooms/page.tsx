import { Alert } from '@/app/ui/alert'
import { Form } from '@/app/ui/form'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { listRooms } from '@/lib/rooms'
import { requireUser } from '@/lib/web/page-user'
import { joinRoom } from './actions'
import { RoomList } from './room-list'

async function RoomsPage() {
  const user = await requireUser('/rooms')
  const { rooms, alert } = await orAlert(
    listRooms(user).then((rooms) => ({ rooms })),
    { rooms: [] },
  )
  return (
    <Page title="Rooms">
      <p className="text-muted">
        Rooms are open to everyone who is signed in, guests too.
        {user.mayMakeRooms && ' Join a new name to create a room.'}
      </p>
      {alert && <Alert>{alert}</Alert>}
      <RoomList rooms={rooms} />
      <Form
        action={joinRoom}
        fields={[{ name: 'name', label: 'Room name', hint: '1 to 32 letters, digits, - or _' }]}
        button="Join"
      />
    </Page>
  )
}

export default orTooSlow(RoomsPage, Page)
