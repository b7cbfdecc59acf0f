import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { asRefusal } from '@/lib/errors'
import { logError } from '@/lib/log'
import { pageOverview } from '@/lib/web/overview'
import { Welcome } from './welcome'

/**
 * Makes a page say so if the database takes too long. A page that throws is empty without JavaScript.
 * @param render makes the page, with everything it loads
 */
export const orTooSlow =
  <Props,>(render: (props: Props) => Promise<ReactNode>) =>
  async (props: Props): Promise<ReactNode> => {
    try {
      const page = await render(props)
      // For the frame around the page, which is made later.
      await pageOverview()
      return page
    } catch (error) {
      const sentence = tooSlow(error)
      logError('page', error)
      return (
        <Welcome title="That took too long">
          <p role="alert">{sentence}</p>
        </Welcome>
      )
    }
  }

/** The same for a page's title, which is loaded first. */
export const titleOrTooSlow =
  <Props,>(make: (props: Props) => Promise<Metadata>) =>
  (props: Props): Promise<Metadata> =>
    make(props).catch((error) => {
      tooSlow(error)
      return { title: 'Parley' }
    })

/** The sentence for an error that the database took too long; throws any other, the framework's own among them. */
function tooSlow(error: unknown) {
  const refusal = asRefusal(error)
  if (refusal?.status !== 503) throw error
  return refusal.message
}
