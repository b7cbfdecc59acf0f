import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changePassword } from '@/lib/accounts'
import { spend } from '@/lib/limits'
import { repeat } from '@/testing/limits'
import { account, password, unique } from '@/testing/people'
import { assertLimited, limitedSites, newAddress, withStatus } from './limited-sites'

const { from, logIn } = limitedSites(2)

const guess = (person: { username: string }, address: string, turn = 0) =>
  logIn(person, address, { tried: `wrong ${turn}`, turn })

test('logins with the right password are not limited like wrong ones', async () => {
  const ada = await account()
  // More than the limit of wrong passwords from one address, fewer than the limit of logins.
  const address = newAddress()
  assert.equal(withStatus(await repeat(25, (turn) => logIn(ada, address, { turn })), 200).length, 25)
})

test('few wrong passwords are allowed for one person from one address, however many at once', async () => {
  const [ada, bob] = await Promise.all([account(), account('bob')])
  const address = newAddress()
  const answers = await repeat(60, (turn) => guess(ada, address, turn))
  assert.equal(withStatus(answers, 401).length, 20)
  assert.equal(withStatus(answers, 429).length, 40)
  assertLimited(await guess(ada, address))
  assertLimited(await logIn(ada, address))
  assertLimited(await from(address, '/api/session', { body: { username: ada.username, password } }))
  assert.equal((await logIn(ada, newAddress())).status, 200, 'from another address')
  assert.equal((await logIn(bob, address)).status, 200, 'another person at the same address')
})

test('wrong passwords from many addresses block new addresses, but none that the person logged in from before', async () => {
  const ada = await account()
  const home = newAddress()
  assert.equal((await logIn(ada, home)).status, 200)
  const addresses = Array.from({ length: 12 }, newAddress)
  const answers = await repeat(120, (turn) => guess(ada, addresses[turn % 12] ?? '', turn))
  const wrong = withStatus(answers, 401).length
  assert.ok(wrong >= 100 && wrong <= 102, `${wrong} were allowed`)
  assertLimited(await logIn(ada, newAddress()))
  assert.equal((await logIn(ada, home)).status, 200)
  assert.equal((await guess(ada, home)).status, 401)
})

test('refused logins from one address do not count against other addresses', async () => {
  const ada = await account()
  const address = newAddress()
  await repeat(110, (turn) => guess(ada, address, turn))
  assert.equal((await guess(ada, newAddress())).status, 401)
  assert.equal((await logIn(ada, newAddress())).status, 200)
})

test('the address of a registration is known for the person', async () => {
  const [username, home] = [`new-${unique()}`, newAddress()]
  const { body } = await from(home, '/api/register', { body: { username, password } })
  for (const _ of Array(10)) await spendTen(body.user.id)
  assertLimited(await logIn({ username }, newAddress()))
  assert.equal((await logIn({ username }, home)).status, 200)
})

/** Spends ten of the person's logins, from a new address. */
async function spendTen(id: string) {
  const address = newAddress()
  for (let tried = 0; tried < 10; tried++) await spend('logIn', { id, address })
}

test('wrong current passwords at a password change count as wrong logins', async () => {
  const ada = { ...(await account()), address: newAddress() }
  const change = (currentPassword: string) =>
    changePassword(ada, { currentPassword, newPassword: 'a new password' }).catch((error) => error)
  const statuses = (await repeat(30, () => change('wrong'))).map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 422).length, 20)
  assert.equal((await change(password)).status, 429)
  assertLimited(await logIn(ada, ada.address))
})
