import { Refusal } from '@/lib/errors'

/** Awaits what a page shows. If that is refused, returns `instead`, with the reason as `alert`. */
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
