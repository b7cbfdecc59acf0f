import { findByToken } from '@/lib/login-sessions'
import { call, PageForm } from './http'

const password = 'correct horse battery staple'

/** Two people who talk: the first also by a browser's login session. */
export async function twoPeople(url: string) {
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((username) => register(url, username)))
  if (!ada || !bob) throw new Error('The two people were not made.')
  const invitation = await call<{ id: string }>(
    `${url}/api/invitations`,
    { username: 'bob', leave: true },
    ada.token,
  )
  const answer = { answer: 'accept' }
  const { conversation } = await call<{ conversation: { id: string } }>(
    `${url}/api/invitations/${invitation.id}`,
    answer,
    bob.token,
  )
  const user = await findByToken(ada.token)
  if (!user) throw new Error('The token is not known.')
  return {
    ada: { ...ada, user, cookie: await logIn(url, 'ada') },
    bob,
    conversationId: conversation.id,
  }
}

export type TwoPeople = Awaited<ReturnType<typeof twoPeople>>

async function register(url: string, username: string) {
  const { token } = await call<{ token: string }>(`${url}/api/register`, { username, password })
  return { token }
}

/** The cookies of a browser that logged in. */
async function logIn(url: string, username: string) {
  const form = await PageForm.read(`${url}/login`, 'password')
  const { status, headers } = await form.post({ username, password })
  const cookies = [headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';')[0])
  if (status !== 303 || !cookies.length) throw new Error(`Logging in answered ${status}.`)
  return cookies.join('; ')
}
