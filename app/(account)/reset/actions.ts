'use server'

import { redirect } from 'next/navigation'
import { dismissResetNotice as dismiss, resetPassword as reset } from '@/lib/password-reset'
import { publicAction, showChange, userAction } from '@/lib/web/form-action'

export const resetPassword = publicAction(async ({ token = '', ...values }, origin) => {
  await reset(token, values, origin)
  redirect('/login?reset=done')
})

export const dismissResetNotice = userAction(async (user) => {
  await dismiss(user)
  return showChange()
})
