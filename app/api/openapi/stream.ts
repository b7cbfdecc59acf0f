import { z } from 'zod'
import { streamEvent, streamLine } from '@/lib/views'
import type { Answer } from './call'

export const streamForms =
  'Begins with the last 20 messages, or with those after `after` and the changes since `since`. Then shows each message and each change as it happens, once and in order. `Accept` chooses the form: lines to read, JSON lines or server-sent events. The header `Last-Event-ID` replaces `after` and `since`.'

export const streamAnswer: Answer = {
  description: 'A stream, until the timeout or until you leave.',
  content: {
    'text/plain': z.string().meta({
      description:
        'A line for each message, and for each change a line that begins with `*`. Further lines of a message are indented. After a break, the lines of a changed message show its text and reactions as they are now, not who deleted it in a group, nor which reactions were removed.',
    }),
    'application/x-ndjson': { items: streamLine, description: 'A JSON object on each line.' },
    'text/event-stream': {
      items: streamEvent,
      description: 'Server-sent events. Comments keep the connection alive.',
    },
  },
}
