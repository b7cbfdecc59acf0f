/** The length of the text that stands for a quoted message, in characters. */
export const excerptLength = 140

export const excerptOf = (body: string) => [...body].slice(0, excerptLength).join('')
