import type { LogEntry } from '@/lib/operator-log'

/** A sentence about an entry of the log: the text before the person to whom it was done, and the text after. */
export function describeAction({ action, details }: LogEntry): [before: string, after?: string] {
  switch (action) {
    case 'setup-link-made':
      return ['made a link to set the site up']
    case 'set-up':
      return ['set the site up']
    case 'setting-changed':
      return [
        `changed “${settingLabels[String(details.setting)] ?? details.setting}” from ${show(details.from)} to ${show(details.to)}`,
      ]
    case 'role-changed':
      return ['changed the role of', ` from ${details.from} to ${details.to}`]
    case 'reset-link-made':
      return ['made a link to reset the password of']
    case 'link-made':
      return [`made a link that brings in ${details.uses} people within ${details.days} days`]
    case 'link-ended':
      return ['ended a link']
    case 'suspended':
      return [
        'suspended',
        `${details.days ? ` for ${details.days} days` : ' for good'}${details.erase ? ', and deleted what they said in rooms' : ''}`,
      ]
    case 'suspension-lifted':
      return ['lifted the suspension of']
    case 'account-deleted':
      return ['deleted the account of']
    case 'message-deleted':
      return ['deleted a message of']
    case 'report-closed':
      return ['closed a report']
    case 'room-closed':
      return [`closed the room ${details.room}`]
    case 'room-opened':
      return [`opened the room ${details.room}`]
    case 'put-out':
      return ['put', ` out of the room ${details.room} for ${details.minutes} minutes`]
    case 'messages-expired':
      return [`deleted old messages (${Object.entries(details).map(([kind, count]) => `${kind}: ${count}`)})`]
  }
}

/** The labels of the settings in the form. */
const settingLabels: Record<string, string> = {
  siteName: 'Name of the site',
  registration: 'New accounts',
  guests: 'Guests',
  roomMakers: 'New rooms',
  linkMakers: 'Links that bring people in',
  keepRooms: 'Days to keep messages in rooms',
  keepGroups: 'Days to keep messages in groups',
  keepDirect: 'Days to keep messages between two people',
}

const show = (value: unknown) =>
  value === null ? 'for ever' : typeof value === 'boolean' ? (value ? '“on”' : '“off”') : `“${value}”`
