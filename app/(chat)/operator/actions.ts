'use server'

import { refresh } from 'next/cache'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { deletePerson } from '@/lib/deletion'
import { makeResetLink as makeLink } from '@/lib/password-reset'
import { setSiteRole } from '@/lib/roles'
import { saveSettings } from '@/lib/save-settings'
import { isScripted, showChange, userAction } from '@/lib/web/form-action'
import { siteAddress } from '@/lib/web/site-address'

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
  // An operator who stepped down no longer has this page.
  return id === user.id ? redirect('/') : showChange()
})

export const makeResetLink = userAction(async (user, { id = '' }) => {
  const token = await makeLink(user, id)
  const url = `${siteAddress(await headers())}/reset/${token}`
  return { notice: `Give them this link. It works once, within 24 hours: ${url}` }
})

export const deleteSomebodysAccount = userAction(async (user, { id = '', messages }) => {
  await deletePerson(user, id, { messages })
  return redirect('/operator/people')
})
