import 'server-only'

/** Calls `act` when the signal is aborted, or now if it was aborted already. */
export function onAbort(signal: AbortSignal, act: () => void) {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}
