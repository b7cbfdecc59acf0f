import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type Pusher from 'pusher-js'
import { retryOften } from './reconnect'

/** A client whose connection has the state that a test gives it. */
class FakeClient {
  tries = 0
  #changed = () => {}
  readonly connection = {
    state: 'connecting',
    bind: (_event: string, changed: () => void) => {
      this.#changed = changed
    },
    retryIn: () => this.tries++,
  }

  becomes(state: string) {
    this.connection.state = state
    this.#changed()
  }
}

test('without a connection a client tries every 5 to 7.5 s, at a time of its own', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  for (const [chance, everyMs] of [
    [0, 5000],
    [0.5, 6250],
    [1, 7500],
  ] as const) {
    const { mock: random } = mock.method(Math, 'random', () => chance)
    const client = new FakeClient()
    retryOften(client as unknown as Pusher)
    for (const state of ['connecting', 'unavailable']) {
      client.becomes(state)
      client.tries = 0
      for (let tries = 0; tries < 3; tries++) {
        t.mock.timers.tick(everyMs - 1)
        assert.equal(client.tries, tries)
        t.mock.timers.tick(1)
      }
      assert.equal(client.tries, 3)
    }
    for (const state of ['connected', 'disconnected', 'failed']) {
      client.becomes(state)
      t.mock.timers.tick(60_000)
      assert.equal(client.tries, 3, state)
    }
    random.restore()
  }
})
