'use client'

import { Welcome } from './ui/welcome'

export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <Welcome title="Something went wrong here">
      <p>Nothing that was sent is lost. Try again in a moment.</p>
      <button type="button" className="button button-primary" onClick={reset}>
        Try again
      </button>
    </Welcome>
  )
}
