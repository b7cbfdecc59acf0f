import { livePageFor } from '@/app/conversation/live-page'

export const { GET, POST, PUT, PATCH, DELETE } = livePageFor(async (_user, { id }) => id)
