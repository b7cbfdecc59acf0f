/** The signed-in person who acts, with their login session. */
export type CurrentUser = {
  id: string
  username: string
  name: string
  firstName: string | null
  lastName: string | null
  gender: number
  isGuest: boolean
  loginSessionId: string
  /** The address of the request, if known. */
  address: string | null
}

/** The client that sent a request. */
export type Origin = { userAgent: string | null; address: string | null }
