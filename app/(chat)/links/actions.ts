'use server'

import { refresh } from 'next/cache'
import { headers } from 'next/headers'
import { endLink as end, makeLink as make } from '@/lib/links'
import { isScripted, showChange, userAction } from '@/lib/web/form-action'
import { type QrCode, qrCodeOf } from '@/lib/web/qr-code'
import { siteAddress } from '@/lib/web/site-address'

/** The address is in this answer only: nowhere in an address, a cookie or a log. */
export const makeLink = userAction<{ url: string; code: QrCode }>(async (user, values) => {
  const { token } = await make(user, values)
  const url = `${siteAddress(await headers())}/join/${token}`
  if (await isScripted()) refresh()
  return { result: { url, code: qrCodeOf(url) } }
})

export const endLink = userAction(async (user, { id = '' }) => {
  await end(user, id)
  return showChange()
})
