'use client'

import { Welcome } from './ui/welcome'

export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <Welcome title="Something went wrong">
      <p>Your messages are safe. Try again in a moment.</p>
      <button type="button" className="button button-primary" onClick={reset}>
        Try again
      </button>
    </Welcome>
  )
}
