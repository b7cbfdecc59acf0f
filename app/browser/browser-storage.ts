/**
 * What the browser keeps for the site. It may be forbidden, or full: then nothing is kept, and nothing
 * breaks. Code for the browser alone.
 */
export function browserStorage(name: 'localStorage' | 'sessionStorage') {
  const attempt = <Result>(use: (storage: Storage) => Result) => {
    try {
      return use(window[name])
    } catch {
      return undefined
    }
  }
  return {
    get: (key: string) => attempt((storage) => storage.getItem(key)) ?? undefined,
    /** @returns whether it is kept */
    set: (key: string, value: string) =>
      attempt((storage) => {
        storage.setItem(key, value)
        return true
      }) ?? false,
    remove: (key: string) => attempt((storage) => storage.removeItem(key)),
    keys: (prefix: string) =>
      attempt((storage) => Object.keys(storage).filter((key) => key.startsWith(prefix))) ?? [],
  }
}

/** What the keys of a person's outbox begin with. */
export const outboxPrefix = (userId: string) => `parley.outbox.${userId}.`

/** Whether anything waits to be sent: only then its code is needed on every page. */
export const hasOutbox = (userId: string) =>
  browserStorage('localStorage').keys(outboxPrefix(userId)).length > 0
