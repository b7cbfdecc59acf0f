/** Who acts: a person, by way of one login session. */
export type CurrentUser = {
  id: string
  username: string
  name: string
  firstName: string | null
  lastName: string | null
  gender: number
  isGuest: boolean
  loginSessionId: string
  /** Where the request comes from, as far as that is known. */
  address: string | null
}

/** Where a request comes from. */
export type Origin = { userAgent: string | null; address: string | null }
