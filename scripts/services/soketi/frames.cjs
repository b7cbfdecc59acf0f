// What a socket may send to Soketi. Nothing here needs Soketi itself: guard.cjs applies it.

const maxFrameBytes = 32 * 1024
const maxChannels = 200

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const channelPattern = new RegExp(
  `^(?:private-people|private-user-${uuid}|(?:private|presence)-conversation-${uuid}|private-attendance-${uuid}_${uuid})$`,
)

/** Whether Parley has such a channel. Soketi itself would open a channel of any name. */
const isChannel = (name) => channelPattern.test(name)

const isText = (value) => typeof value === 'string'
const isOptionalText = (value) => value === undefined || isText(value)
const isName = (value) => isText(value) && value.length > 0 && value.length <= 200
const isEmpty = (data) =>
  data === undefined || (data?.constructor === Object && Object.keys(data).length === 0)

/** Every kind of frame: takes its data and channel, and returns what Soketi gets, or nothing if it is malformed. */
const kinds = new Map([
  ['pusher:ping', () => ({})],
  // pusher-js answers a ping with it. Soketi sends no pings of this kind.
  ['pusher:pong', () => ({})],
  [
    'pusher:signin',
    ({ data: { auth, user_data } }) => isText(auth) && isText(user_data) && { data: { auth, user_data } },
  ],
  [
    'pusher:subscribe',
    ({ data: { channel, auth, channel_data } }) =>
      isName(channel) &&
      isOptionalText(auth) &&
      isOptionalText(channel_data) && { data: { channel, auth, channel_data } },
  ],
  ['pusher:unsubscribe', ({ data: { channel } }) => isName(channel) && { data: { channel } }],
  ['client-typing', ({ data, channel }) => isName(channel) && isEmpty(data) && { data: {}, channel }],
])

/** Reads a message as a frame of a known kind, without fields that its kind does not have. */
function readFrame(message) {
  if (message.byteLength > maxFrameBytes) return undefined
  try {
    const { event, data, channel } = JSON.parse(Buffer.from(message).toString())
    const fields = kinds.get(event)?.({ data, channel })
    return fields ? { event, ...fields } : undefined
  } catch {
    return undefined
  }
}

/** A token bucket: `atOnce` frames at once, `perSecond` in the long run. */
class Bucket {
  constructor({ atOnce, perSecond }, now = performance.now()) {
    Object.assign(this, { atOnce, perSecond, left: atOnce, at: now })
  }

  /** Takes one, and returns whether there was one left. */
  take(now = performance.now()) {
    this.left = Math.min(this.atOnce, this.left + ((now - this.at) / 1000) * this.perSecond)
    this.at = now
    if (this.left < 1) return false
    this.left -= 1
    return true
  }
}

module.exports = { Bucket, isChannel, maxChannels, maxFrameBytes, readFrame }
