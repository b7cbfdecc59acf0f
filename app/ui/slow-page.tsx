import type { ComponentType, ReactNode } from 'react'
import { asRefusal } from '@/lib/errors'
import { logError } from '@/lib/log'
import { Alert } from './alert'

type Around = ComponentType<{ title: string; children: ReactNode }>

/**
 * Makes a page say so if the database takes too long. A page that throws is empty without JavaScript.
 * @param render makes the page, with everything it loads
 * @param Around is the frame of the sentence
 */
export const orTooSlow =
  <Props,>(render: (props: Props) => Promise<ReactNode>, Around: Around) =>
  async (props: Props): Promise<ReactNode> => {
    try {
      return await render(props)
    } catch (error) {
      const refusal = asRefusal(error)
      if (refusal?.status !== 503) throw error
      logError('page', error)
      return (
        <Around title="That took too long">
          <Alert>{refusal.message}</Alert>
        </Around>
      )
    }
  }
