import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { postForm } from '@/testing/forms'
import { unique } from '@/testing/people'
import {
  type Attempt,
  anyone,
  assertNoSecret,
  checkTable,
  eachActor,
  fixedPath,
  type Row,
  readSource,
  row,
  sourceFiles,
  staffOnly,
} from './table'
import { type Credentials, World } from './world'

test('an action works only for people who may use it, by form and by script, and changes nothing for others', async () => {
  const exported = actionFiles().flatMap((file) =>
    [...readSource(file).matchAll(/^export (?:const|async function) (\w+)/gm)].map(([, name = '']) => name),
  )
  assert.deepEqual(Object.keys(actions).sort(), exported.sort())
  const ids = actionIds()
  assert.deepEqual([...ids.keys()].sort(), exported.sort(), 'as built')
  const world = await World.create()
  await checkTable(async (check) => {
    for (const [name, rows] of Object.entries(actions))
      for (const action of rows)
        for (const by of ['form', 'script'] as const)
          await eachActor(
            world,
            async (at, credentials) => {
              const attempt = { id: String(ids.get(name)), by, action }
              const { response, assertion } = await tryAction(attempt, at, credentials)
              check(`${name} by ${by}, at ${action.page(at)}, for ${at.actor}`, response, assertion)
            },
            true,
          )
  })
})

/** `allowed` may change nothing, such as joining a room as a member. */
type ActionOutcome = 'done' | 'refused' | 'allowed'
/** `page` is the path that its form is posted to. */
type ActionRow = {
  fields: (at: Attempt) => Record<string, string>
  page: (at: Attempt) => string
  expect: Row<ActionOutcome>
}

const signedInAction = (others: Partial<Row<ActionOutcome>> = {}) =>
  row<ActionOutcome>('refused', 'done', others)
const memberAction = row<ActionOutcome>('refused', 'refused', { member: 'done' })
const operatorAction = row<ActionOutcome>('refused', 'refused', { operator: 'done' })
const alwaysRefused = anyone<ActionOutcome>('refused')
/** Everyone signed in may open it, and it has the composer. */
const lobby = fixedPath('/room/lobby')
const thumb = { seq: '1', emoji: '👍' }
const ofDirect = ({ world, actor }: Attempt) => `/c/${world.direct(actor)}`

const staffAction = staffOnly<ActionOutcome>('refused', 'refused', 'done', 'done')
const toReports = fixedPath('/operator/reports')
const toSuspend = ({ world }: Attempt) => `/operator/reports/${world.reportId}/suspend`
const toModerate = ({ world }: Attempt) => `/room/${world.roomName}/moderate`

const toGroupPeople = ({ world }: Attempt) => `/c/${world.groupId}/people`
/** For what is done with a message: the first one is the member's, the second the friend's. */
const messageAction = (part: 'edit' | 'delete'): ActionRow[] => [
  {
    page: (at) => `${ofDirect(at)}/m/1/${part}`,
    fields: ({ world, actor }) => ({ conversationId: world.direct(actor), seq: '1', body: unique() }),
    expect: memberAction,
  },
  {
    // Joining a room gives no access to another conversation.
    page: (at) => `${ofDirect(at)}/m/1/${part}`,
    fields: ({ world, actor }) => ({
      conversationId: world.direct(actor),
      room: 'lobby',
      seq: actor === 'member' ? '2' : '1',
      body: unique(),
    }),
    expect: alwaysRefused,
  },
  {
    page: ({ world }) => `/room/${world.roomName}/m/1/${part}`,
    fields: ({ world }) => ({
      conversationId: world.roomId,
      room: world.roomName,
      seq: '1',
      body: unique(),
    }),
    // Others join the room, and are then refused.
    expect: signedInAction(),
  },
]

const actions: Record<string, ActionRow[]> = {
  createAccount: [
    {
      page: fixedPath('/register'),
      fields: ({ world }) => ({ username: world.member.username, password: 'long enough' }),
      expect: alwaysRefused,
    },
  ],
  logInWithPassword: [
    {
      page: fixedPath('/login'),
      fields: ({ world }) => ({ username: world.member.username, password: 'not hers' }),
      expect: alwaysRefused,
    },
  ],
  continueAsGuest: [
    {
      page: fixedPath('/guest'),
      fields: ({ world }) => ({ username: world.member.username }),
      expect: alwaysRefused,
    },
  ],
  joinByLink: [
    {
      page: ({ world }) => `/join/${world.link.token}`,
      fields: ({ world }) => ({ link: world.link.token }),
      expect: signedInAction({ guest: 'refused', operator: 'allowed' }),
    },
    { page: lobby, fields: ({ world }) => ({ link: world.link.id }), expect: alwaysRefused },
  ],
  becomeAccount: [
    {
      page: ({ world }) => `/join/${world.link.token}`,
      fields: ({ world }) => ({ link: world.link.token, newPassword: 'long enough' }),
      expect: row<ActionOutcome>('refused', 'refused', { guest: 'done' }),
    },
  ],
  makeLink: [
    {
      page: fixedPath('/links'),
      fields: () => ({ uses: '1', days: '1' }),
      expect: staffOnly('refused', 'refused', 'done'),
    },
    {
      page: fixedPath('/links'),
      fields: ({ world }) => ({ uses: '1', days: '1', into: world.groupId }),
      expect: alwaysRefused,
    },
  ],
  endLink: [
    {
      page: fixedPath('/links'),
      fields: ({ world }) => ({ id: world.link.id }),
      expect: staffOnly('refused', 'refused', 'done'),
    },
  ],
  resetPassword: [
    {
      page: ({ world }) => `/reset/${world.link.token}`,
      fields: ({ world }) => ({ token: world.link.token, newPassword: 'long enough' }),
      expect: alwaysRefused,
    },
  ],
  dismissResetNotice: [{ page: fixedPath('/'), fields: () => ({}), expect: signedInAction() }],
  logOut: [{ page: fixedPath('/settings'), fields: () => ({}), expect: signedInAction() }],
  saveProfile: [
    {
      page: fixedPath('/settings'),
      fields: ({ world }) => ({ id: world.friend.id, firstName: 'X', lastName: '', gender: '0' }),
      expect: signedInAction(),
    },
  ],
  savePassword: [
    {
      page: fixedPath('/settings'),
      fields: () => ({ currentPassword: 'not theirs', newPassword: 'long enough' }),
      // A guest sets a first password without a current one.
      expect: row<ActionOutcome>('refused', 'refused', { guest: 'done' }),
    },
  ],
  endSession: [
    {
      page: fixedPath('/settings'),
      fields: ({ world }) => ({ id: world.sessionId }),
      expect: memberAction,
    },
  ],
  deleteOwnAccount: [
    {
      page: fixedPath('/settings/data/delete'),
      fields: ({ world }) => ({
        currentPassword: 'not theirs',
        username: world.inviter.username,
        messages: 'keep',
      }),
      expect: alwaysRefused,
    },
  ],
  endEverySession: [{ page: fixedPath('/settings'), fields: () => ({}), expect: signedInAction() }],
  answer: ['accept', 'reject', 'withdraw'].flatMap((answer) =>
    (['invitationId', 'groupInvitationId'] as const).map((kind) => ({
      page: fixedPath('/invitations'),
      fields: ({ world }: Attempt) => ({ id: world[kind], answer }),
      expect: answer === 'withdraw' ? alwaysRefused : memberAction,
    })),
  ),
  invitePerson: [
    {
      page: fixedPath('/people'),
      fields: ({ world }) => ({ username: world.inviter.username, leave: 'true' }),
      // The inviter has already invited the member.
      expect: signedInAction({ guest: 'refused', member: 'refused' }),
    },
    {
      page: fixedPath('/people'),
      fields: ({ world }) => ({ username: world.guest.username, leave: 'true' }),
      expect: alwaysRefused,
    },
  ],
  block: [
    {
      page: fixedPath('/people'),
      fields: ({ world }) => ({ id: world.inviter.id }),
      expect: signedInAction(),
    },
  ],
  unblock: [
    {
      page: fixedPath('/people'),
      fields: ({ world }) => ({ id: world.blocked.id }),
      expect: memberAction,
    },
  ],
  createGroup: [
    {
      page: fixedPath('/groups/new'),
      fields: ({ world }) => ({ title: 'mine', username: world.inviter.username }),
      expect: signedInAction({ guest: 'refused' }),
    },
    {
      page: fixedPath('/groups/new'),
      fields: ({ world }) => ({ title: 'mine', username: world.guest.username }),
      expect: alwaysRefused,
    },
  ],
  renameGroup: [
    {
      page: toGroupPeople,
      fields: ({ world }) => ({ id: world.groupId, title: 'mine' }),
      expect: memberAction,
    },
  ],
  inviteToGroup: [
    {
      page: toGroupPeople,
      fields: ({ world }) => ({ id: world.groupId, username: world.inviter.username }),
      expect: memberAction,
    },
  ],
  changeRole: [
    {
      page: toGroupPeople,
      fields: ({ world }) => ({ id: world.groupId, person: world.friend.id, role: 'owner' }),
      expect: memberAction,
    },
  ],
  removeMember: [
    {
      page: toGroupPeople,
      fields: ({ world }) => ({ id: world.groupId, person: world.friend.id }),
      expect: memberAction,
    },
  ],
  leaveGroup: [
    {
      page: toGroupPeople,
      fields: ({ world }) => ({ id: world.groupId, isSure: 'true' }),
      expect: memberAction,
    },
    { page: toGroupPeople, fields: ({ world }) => ({ id: world.groupId }), expect: alwaysRefused },
  ],
  joinRoom: [
    {
      page: fixedPath('/rooms'),
      fields: ({ world }) => ({ name: world.roomName }),
      expect: signedInAction({ member: 'allowed' }),
    },
  ],
  leaveRoom: [
    { page: lobby, fields: ({ world }) => ({ id: world.roomId }), expect: memberAction },
    // Nobody can leave a direct conversation.
    { page: lobby, fields: ({ world, actor }) => ({ id: world.direct(actor) }), expect: alwaysRefused },
  ],
  sendMessage: [
    ...[lobby, ofDirect].map((page) => ({
      page,
      fields: ({ world, actor }: Attempt) => ({
        conversationId: world.direct(actor),
        body: 'mine',
        nonce: unique(),
      }),
      expect: memberAction,
    })),
    {
      page: lobby,
      fields: ({ world }) => ({ conversationId: world.roomId, body: 'mine', nonce: unique() }),
      expect: memberAction,
    },
    {
      page: lobby,
      fields: ({ world }) => ({
        conversationId: world.roomId,
        room: world.roomName,
        body: 'mine',
        nonce: unique(),
      }),
      expect: signedInAction(),
    },
    {
      // Joining a room gives no access to another conversation.
      page: lobby,
      fields: ({ world, actor }) => ({
        conversationId: world.direct(actor),
        room: 'lobby',
        body: 'mine',
        nonce: unique(),
      }),
      expect: memberAction,
    },
  ],
  saveEdit: messageAction('edit'),
  removeMessage: messageAction('delete'),
  report: [
    {
      page: (at) => `${ofDirect(at)}/m/2/report`,
      fields: ({ world, actor }) => ({ conversationId: world.direct(actor), seq: '2', reason: 'spam' }),
      expect: memberAction,
    },
    {
      page: ({ world }) => `/room/${world.roomName}/m/1/report`,
      fields: ({ world }) => ({
        conversationId: world.roomId,
        room: world.roomName,
        seq: '1',
        reason: 'spam',
      }),
      // The message is the member's own.
      expect: signedInAction({ member: 'refused' }),
    },
  ],
  closeReport: [{ page: toReports, fields: ({ world }) => ({ id: world.reportId }), expect: staffAction }],
  deleteReported: [{ page: toReports, fields: ({ world }) => ({ id: world.reportId }), expect: staffAction }],
  suspendPerson: [
    {
      page: toSuspend,
      fields: ({ world }) => ({ id: world.friend.id, days: '1', reason: 'x' }),
      expect: staffAction,
    },
    // Moderators cannot act on operators, nor operators on themselves.
    {
      page: toSuspend,
      fields: ({ world }) => ({ id: world.operator.id, days: '1', reason: 'x' }),
      expect: alwaysRefused,
    },
  ],
  liftSuspension: [
    { page: toSuspend, fields: ({ world }) => ({ id: world.blocked.id }), expect: staffAction },
  ],
  closeRoom: [{ page: toModerate, fields: ({ world }) => ({ id: world.roomId }), expect: staffAction }],
  openRoom: [
    {
      page: toModerate,
      fields: ({ world }) => ({ id: world.roomId }),
      // It is open.
      expect: anyone<ActionOutcome>('refused'),
    },
  ],
  putOut: [
    {
      page: toModerate,
      fields: ({ world }) => ({ id: world.roomId, person: world.friend.id, minutes: '5' }),
      expect: staffAction,
    },
    {
      page: toModerate,
      fields: ({ world }) => ({ id: world.roomId, person: world.operator.id, minutes: '5' }),
      expect: alwaysRefused,
    },
  ],
  react: [
    {
      page: (at) => `${ofDirect(at)}/m/1`,
      fields: ({ world, actor }) => ({ conversationId: world.direct(actor), ...thumb }),
      expect: memberAction,
    },
    {
      // Joining a room gives no access to another conversation.
      page: (at) => `${ofDirect(at)}/m/1`,
      fields: ({ world, actor }) => ({ conversationId: world.direct(actor), room: 'lobby', ...thumb }),
      expect: memberAction,
    },
    {
      page: ({ world }) => `/room/${world.roomName}/m/1`,
      fields: ({ world }) => ({ conversationId: world.roomId, room: world.roomName, ...thumb }),
      expect: signedInAction(),
    },
  ],
  setUpSite: [
    {
      page: ({ world }) => `/setup/${world.setupKey}`,
      fields: ({ world }) => ({
        key: world.setupKey,
        siteName: 'Parley',
        registration: 'open',
        guests: 'on',
      }),
      expect: signedInAction({ guest: 'refused' }),
    },
    {
      page: fixedPath('/setup/x'),
      fields: () => ({ key: 'x', siteName: 'Parley', registration: 'open', guests: 'on' }),
      expect: alwaysRefused,
    },
  ],
  saveSiteSettings: [
    {
      page: fixedPath('/operator'),
      fields: () => ({
        siteName: 'Parley',
        registration: 'open',
        guests: 'on',
        roomMakers: 'everyone',
        linkMakers: 'operators',
        keepRooms: '3650',
        keepGroups: '',
        keepDirect: '',
        sureOf: '3650,,',
      }),
      expect: operatorAction,
    },
  ],
  changeSiteRole: [
    {
      page: ({ world }) => `/operator/people/${world.friend.id}`,
      fields: ({ world }) => ({ id: world.friend.id, role: 'moderator' }),
      expect: operatorAction,
    },
    {
      page: fixedPath('/operator/people'),
      fields: ({ self }) => ({ id: self.id, role: 'operator' }),
      expect: row<ActionOutcome>('refused', 'refused', { operator: 'allowed' }),
    },
  ],
  makeResetLink: [
    {
      page: ({ world }) => `/operator/people/${world.friend.id}`,
      fields: ({ world }) => ({ id: world.friend.id }),
      expect: operatorAction,
    },
  ],
  deleteSomebodysAccount: [
    {
      page: ({ world }) => `/operator/people/${world.victim}`,
      fields: ({ world }) => ({ id: world.victim, messages: 'keep' }),
      expect: operatorAction,
    },
  ],
  discardDraft: [{ page: lobby, fields: ({ world }) => ({ draft: world.draftId }), expect: memberAction }],
}

const actionFiles = () =>
  sourceFiles(/\.tsx?$/).filter((file) => /^['"]use server['"]/m.test(readSource(file)))

/** The exported actions, with the ids that the build gave them. */
function actionIds() {
  const { PARLEY_BUILD_DIR = '.next' } = process.env
  const manifest = JSON.parse(
    readFileSync(join(PARLEY_BUILD_DIR, 'server/server-reference-manifest.json'), 'utf8'),
  ) as { node: Record<string, { exportedName: string }> }
  return new Map(Object.entries(manifest.node).map(([id, { exportedName }]) => [exportedName, id]))
}

type Call = { id: string; path: string; fields: Record<string, string>; cookie?: string }

/** Posts as a browser does without JavaScript, and as React's script does. */
const post = {
  form: ({ id, path, fields, cookie }: Call) =>
    postForm(
      path,
      {
        ...fields,
        $ACTION_REF_1: '',
        '$ACTION_1:0': JSON.stringify({ id, bound: '$@1' }),
        '$ACTION_1:1': '[{}]',
        $ACTION_KEY: 'k1',
      },
      { headers: cookie ? { cookie } : {} },
    ),
  script: ({ id, path, fields, cookie }: Call) =>
    postForm(
      path,
      // The arguments must come last: React gives them only the fields before them.
      [...Object.entries(fields).map(([name, value]) => [`_1_${name}`, value] as const), ['0', '[{},"$K1"]']],
      { headers: { 'next-action': id, accept: 'text/x-component', ...(cookie && { cookie }) } },
    ),
}

type ActionAttempt = { id: string; by: keyof typeof post; action: ActionRow }

async function tryAction({ id, by, action }: ActionAttempt, at: Attempt, { cookie }: Credentials) {
  const { fields, page, expect } = action
  const before = await at.world.state()
  const response = await post[by]({ id, path: page(at), fields: fields(at), cookie })
  const now = await at.world.state()
  const assertion = () => {
    assert.ok(response.status < 500)
    if (expect[at.actor] === 'allowed') return
    if (expect[at.actor] === 'done') return assert.notDeepEqual(now, before)
    assert.deepEqual(now, before)
    if (at.actor !== 'member') assertNoSecret(response, at.world)
  }
  return { response, assertion }
}
