/** A time for sentences, such as `2026-05-01 14:30 UTC`. */
export const inUtc = (time: Date) => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
