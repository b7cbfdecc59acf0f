import type Pusher from 'pusher-js'

/**
 * Reconnects every few seconds while there is no connection. pusher-js itself waits 15 s after a refused attempt,
 * then 30 and 60, but the contract requires everything to be right within 15 s of Soketi's return.
 * @param retryMs from the start of an attempt; up to half as much is added at random, so that clients don't come all
 * at once
 */
export function retryOften({ connection }: Pusher, retryMs = 5000) {
  // Starts a new attempt. pusher-js calls this private method when the network returns.
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
