import { exportData } from '@/lib/export/export'
import { api, signedInByToken } from '@/lib/web/api'
import { archiveName, zipResponse } from '@/lib/web/zip-response'

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: signedInByToken((user, { request }) =>
    zipResponse(request, archiveName(user.username), (signal) => exportData(user, signal)),
  ),
})
