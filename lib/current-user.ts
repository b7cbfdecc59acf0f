/** The signed-in person who acts, with their login session. */
export type CurrentUser = {
  id: string
  username: string
  name: string
  firstName: string | null
  lastName: string | null
  gender: number
  isGuest: boolean
  siteRole: 'person' | 'moderator' | 'operator'
  /** The site's name, for titles: read with the login session, so that pages need no query for it. */
  siteName: string
  /** Whether the person may make links (lib/links.ts). */
  mayMakeLinks: boolean
  /** Whether the person may create rooms (lib/rooms.ts). */
  mayMakeRooms: boolean
  /** When an operator made a link to reset the password, until the person has seen the notice of it. */
  resetLinkMadeAt: string | null
  loginSessionId: string
  /** The address of the request, if known. */
  address: string | null
}

/** The client that sent a request. */
export type Origin = { userAgent: string | null; address: string | null }
