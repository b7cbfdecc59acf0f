import { test as base, expect } from '@playwright/test'
import { Person, type PersonOptions } from './person'
import { makeConversation, password } from './seed'

export { expect, type Person, password }

export type CreatePerson = (name: string, options?: PersonOptions) => Promise<Person>

/** Tests are about people: `person('ada')` has a username and a browser of their own. */
export const test = base.extend<{ person: CreatePerson; stranger: CreatePerson }>({
  /** Creates a signed-in person with an account, who has no page open yet. */
  person: async ({ stranger }, use) => {
    await use(async (name, options) => {
      const person = await stranger(name, options)
      await person.hasAccount()
      await person.signsIn()
      return person
    })
  },
  /** Creates a person without an account. An unexpected error in any person's browser fails the test. */
  stranger: async ({ browser, javaScriptEnabled }, use) => {
    const people: Person[] = []
    await use(async (name, options = {}) => {
      const isScripted = options.javaScriptEnabled ?? javaScriptEnabled ?? true
      const openBrowser = () => browser.newContext({ javaScriptEnabled: isScripted })
      const person = await Person.open(openBrowser, `${name}-${uniqueEnding()}`, { ...options, isScripted })
      people.push(person)
      return person
    })
    const errors = people.flatMap((person) => person.errors())
    for (const person of people) await person.leaves()
    expect(errors, 'unexpected errors in browsers').toEqual([])
  },
})

/** Makes a name unique. */
export const uniqueEnding = () => Math.random().toString(36).slice(2, 8).padEnd(6, '0')

/** Creates ada and bob, who both have their conversation open. */
export async function twoTalking(person: CreatePerson, messages = 0) {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const id = await makeConversation(ada, bob, messages)
  for (const one of [ada, bob]) await one.opensConversation(id)
  return { ada, bob, id }
}
