import { api } from '@/lib/web/api'
import { apiDocument } from '../openapi/document'

export const { GET, POST, PUT, PATCH, DELETE } = api({ GET: () => Response.json(apiDocument()) })
