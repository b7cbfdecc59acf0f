'use server'

import { redirect } from 'next/navigation'
import { leaveRoom as leave } from '@/lib/attendance'
import { joinRoom as join } from '@/lib/rooms'
import { userAction } from '@/lib/web/form-action'

export const joinRoom = userAction(async (user, values) => {
  const { name } = await join(user, values)
  redirect(`/room/${name}`)
})

export const leaveRoom = userAction(async (user, { id = '' }) => {
  await leave(user, id)
  redirect('/rooms')
})
