/** The reactions that are offered at once. */
export const quickEmoji = ['👍', '❤️', '😂', '😮', '😢', '🎉']
