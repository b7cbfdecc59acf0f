/** How long people may edit a message. */
const editableMs = 24 * 60 * 60 * 1000

export const isStillEditable = (createdAt: string) => Date.now() - Date.parse(createdAt) <= editableMs
