const tryEveryMs = 1500

/**
 * Where the router asks for this very page and gets no whole answer, because the site or its database is away, it
 * leaves the page for the browser's own error, and what was typed is gone. So it hears of nothing but an answer.
 * @returns what ends it
 */
export function keepPage() {
  const { fetch } = window
  window.fetch = async (input, init) => {
    for (;;) {
      const asking = fetch(input, init)
      if (!isRefresh(input, init)) return asking
      const isWhole = await asking.then(arrivedWhole, () => false)
      // It may be another page by now.
      if (isWhole || !isRefresh(input, init)) return asking
      await new Promise((resolve) => setTimeout(resolve, tryEveryMs))
    }
  }
  return () => {
    window.fetch = fetch
  }
}

const isRefresh = (input: RequestInfo | URL, init?: RequestInit) =>
  new Headers(init?.headers).has('rsc') &&
  !init?.signal?.aborted &&
  new URL(String(input), location.href).pathname === location.pathname

const arrivedWhole = (answer: Response) =>
  answer.status < 500 &&
  answer
    .clone()
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    )
