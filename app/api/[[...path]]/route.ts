import { missing } from '@/lib/errors'
import { api } from '@/lib/web/api'

const unknown = () => {
  throw missing('path')
}

export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: unknown,
  POST: unknown,
  PUT: unknown,
  PATCH: unknown,
  DELETE: unknown,
})
