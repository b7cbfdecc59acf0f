'use server'

import { refresh } from 'next/cache'
import { setSiteRole } from '@/lib/roles'
import { saveSettings } from '@/lib/save-settings'
import { isScripted, showChange, userAction } from '@/lib/web/form-action'

export const saveSiteSettings = userAction(async (user, { sureOf, ...values }) => {
  const asked = await saveSettings(user, values, sureOf)
  if (asked) {
    const count = `${asked.isAtLeast ? 'at least ' : ''}${asked.count.toLocaleString('en')}`
    const question = `This deletes ${count} ${asked.count === 1 ? 'message' : 'messages'} for everyone. It cannot be undone.`
    return { values, confirm: { question, button: 'Delete and save', sureOf: asked.sureOf } }
  }
  if (await isScripted()) refresh()
  return { notice: 'Saved.' }
})

export const changeSiteRole = userAction(async (user, { id = '', role }) => {
  await setSiteRole(user, id, { role })
  // A person who stepped down no longer has this page.
  return showChange(id === user.id ? '/' : undefined)
})
