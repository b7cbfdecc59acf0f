import { browserStorage } from './browser-storage'

const prefix = 'parley.draft.'

/** The text in a conversation's composer. Kept for this tab only, so that it does not stay on a shared computer. */
export function composerText(userId: string, conversationId: string) {
  const storage = browserStorage('sessionStorage')
  const key = `${prefix}${userId}.${conversationId}`
  return {
    read: () => storage.get(key),
    write: (text: string) => (text ? storage.set(key, text) : storage.remove(key)),
  }
}

/** Deletes all of them when the person logs out. */
export function forgetComposerTexts() {
  const storage = browserStorage('sessionStorage')
  for (const key of storage.keys(prefix)) storage.remove(key)
}
