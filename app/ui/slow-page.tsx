import type { ComponentType, ReactNode } from 'react'
import { asRefusal } from '@/lib/errors'
import { logError } from '@/lib/log'
import { Alert } from './alert'

type Around = ComponentType<{ title: string; children: ReactNode }>

/**
 * Makes a page show an error if the database takes too long. A page that throws would be empty without JavaScript.
 * @param render loads the page's data and renders it
 * @param Around is the frame around the error
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
