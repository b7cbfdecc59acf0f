// The frames that a socket may send to Soketi.

const maxFrameBytes = 32 * 1024

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const channelPattern = new RegExp(
  `^(?:private-people|private-user-${uuid}|(?:private|presence)-conversation-${uuid}|private-attendance-${uuid}_${uuid})$`,
)

/** Whether Parley has channels of this name. Soketi itself would open a channel with any name. */
const isChannel = (name) => channelPattern.test(name)

const isText = (value) => typeof value === 'string'
const isOptionalText = (value) => value === undefined || isText(value)
const isName = (value) => isText(value) && value.length > 0 && value.length <= 200
const isEmpty = (data) =>
  data === undefined || (data?.constructor === Object && Object.keys(data).length === 0)

/** For each kind of frame, a function that returns the checked fields, or a false value if the frame is malformed. */
const kinds = new Map([
  ['pusher:ping', () => ({})],
  // The answer of pusher-js to a ping. Soketi itself sends no ping frames.
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

/** Reads a frame of a known kind, and drops fields that its kind does not have. */
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

module.exports = { isChannel, maxFrameBytes, readFrame }
