/** A nonce for the scripts or styles of one response. */
export const makeNonce = () => Buffer.from(crypto.randomUUID()).toString('base64')
