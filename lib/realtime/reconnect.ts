import type Pusher from 'pusher-js'

/**
 * Tries again every few seconds while there is no connection. By itself pusher-js waits 15 s after a refused attempt,
 * then 30 and 60, while the contract has everything right within 15 s of Soketi's return.
 * @param retryMs from when an attempt begins; half as much again, by chance, so that clients do not all come at once
 */
export function retryOften({ connection }: Pusher, retryMs = 5000) {
  // Begins a new attempt. pusher-js calls it when the network returns, and has no public name for it.
  const manager = connection as unknown as { retryIn: (ms: number) => void }
  let timer: ReturnType<typeof setTimeout> | undefined
  const plan = () => {
    clearTimeout(timer)
    if (connection.state !== 'connecting' && connection.state !== 'unavailable') return
    timer = setTimeout(
      () => {
        manager.retryIn(0)
        plan()
      },
      retryMs * (1 + Math.random() / 2),
    )
  }
  connection.bind('state_change', plan)
  plan()
}
