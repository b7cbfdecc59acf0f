import { Refusal } from '@/lib/errors'

/** Loads what a page shows. If a rule refuses it, the page shows `instead`, and the reason as an alert. */
export async function orAlert<Loaded extends object>(
  loading: Promise<Loaded>,
  instead: Loaded,
): Promise<Loaded & { alert?: string }> {
  try {
    return await loading
  } catch (error) {
    if (error instanceof Refusal) return { ...instead, alert: error.message }
    throw error
  }
}
