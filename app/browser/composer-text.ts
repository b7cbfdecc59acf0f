import { browserStorage } from './browser-storage'

const prefix = 'parley.draft.'

/** What is being typed in a conversation: the tab's own, so that it does not stay on a shared computer. */
export function draftOf(userId: string, conversationId: string) {
  const storage = browserStorage('sessionStorage')
  const key = `${prefix}${userId}.${conversationId}`
  return {
    read: () => storage.get(key),
    write: (text: string) => (text ? storage.set(key, text) : storage.remove(key)),
  }
}

/** For who logs out. */
export function forgetDrafts() {
  const storage = browserStorage('sessionStorage')
  for (const key of storage.keys(prefix)) storage.remove(key)
}
