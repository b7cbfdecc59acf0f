/** The most people in a group, and up to how many it shows who has read a message and announces joins and leaves. */
export const groupSize = { most: 250, withReceipts: 50, announced: 50 }
