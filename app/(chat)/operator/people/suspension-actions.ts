'use server'

import { liftSuspension as lift, suspendPerson as suspend } from '@/lib/suspensions'
import { showChange, userAction } from '@/lib/web/form-action'

export const suspendPerson = userAction(async (user, { id = '', ...values }) => {
  await suspend(user, id, values)
  return showChange()
})

export const liftSuspension = userAction(async (user, { id = '' }) => {
  await lift(user, id)
  return showChange()
})
