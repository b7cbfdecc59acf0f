'use server'

import { deleteAccountByForm } from '@/lib/deletion'
import { signOut } from '@/lib/web/auth'
import { userAction } from '@/lib/web/form-action'

export const deleteOwnAccount = userAction(async (user, values) => {
  await deleteAccountByForm(user, values)
  return signOut({ redirectTo: '/?deleted=1' })
})
