/** Web storage that never throws. If storage is blocked or full, nothing is kept. */
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
    /** @returns whether the value was stored */
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

/** The prefix of the keys of a person's outbox. */
export const outboxPrefix = (userId: string) => `parley.outbox.${userId}.`

/** Whether messages are waiting to be sent. Other pages load the outbox's code only then. */
export const hasOutbox = (userId: string) =>
  browserStorage('localStorage').keys(outboxPrefix(userId)).length > 0
