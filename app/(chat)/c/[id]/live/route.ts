import { livePageFor } from './live-page'

export const { GET, POST, PUT, PATCH, DELETE } = livePageFor(async (_user, id) => id)
