/** The expected texts, with the function that takes their time of arrival. */
export type Expected = Map<string, (at: number) => void>

/** Resolves with the time when `text` arrives. @throws if it does not arrive within 10 s */
export function arrivalOf(expected: Expected, text: string) {
  return new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('A message did not arrive within 10 s.')), 10_000)
    expected.set(text, (at) => {
      clearTimeout(timer)
      resolve(at)
    })
  })
}

/** Notes that `text` has arrived now. */
export function noteArrival(expected: Expected, text: string) {
  expected.get(text)?.(performance.now())
  expected.delete(text)
}
