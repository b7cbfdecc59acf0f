'use server'

import * as moderation from '@/lib/room-moderation'
import { showChange, userAction } from '@/lib/web/form-action'

export const closeRoom = userAction(async (user, { id = '' }) => {
  await moderation.closeRoom(user, id, true)
  return showChange()
})

export const openRoom = userAction(async (user, { id = '' }) => {
  await moderation.closeRoom(user, id, false)
  return showChange()
})

export const putOut = userAction(async (user, { id = '', person = '', ...values }) => {
  await moderation.putOut(user, id, person, values)
  return showChange()
})
