'use server'

import { redirect } from 'next/navigation'
import { setFirstPassword } from '@/lib/accounts'
import { joinByLink as join } from '@/lib/joining'
import { userAction } from '@/lib/web/form-action'

export const joinByLink = userAction(async (user, { link = '' }) => redirect(pathOf(await join(user, link))))

/** For guests. */
export const becomeAccount = userAction(async (user, values) =>
  redirect(pathOf(await setFirstPassword(user, values))),
)

const pathOf = (conversationId?: string) => (conversationId ? `/c/${conversationId}` : '/')
