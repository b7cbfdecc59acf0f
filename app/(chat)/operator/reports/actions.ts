'use server'

import * as reports from '@/lib/reports'
import { showChange, userAction } from '@/lib/web/form-action'

export const closeReport = userAction(async (user, { id = '' }) => {
  await reports.closeReport(user, id)
  return showChange()
})

export const deleteReported = userAction(async (user, { id = '' }) => {
  await reports.deleteReported(user, id)
  return showChange()
})
