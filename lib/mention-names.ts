/** The most people whom one message mentions. */
const most = 50

/** The usernames, in lower case, that a body mentions. */
export const mentionNames = (body: string) =>
  body.includes('@')
    ? [
        ...new Set(
          [...body.matchAll(/(?<![\w.-])@([\w.-]{3,32})/g)].map(([, name = '']) => name.toLowerCase()),
        ),
      ].slice(0, most)
    : []
