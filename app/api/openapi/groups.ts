import { z } from 'zod'
import { roleChange } from '@/lib/group-members'
import { groupChange, groupDraft, groupInvitation } from '@/lib/groups'
import { conversation, invitation, member } from '@/lib/views'
import { answer, type Calls, json } from './call'
import { groupInviteConflict, refusal } from './problems'

const notIn = refusal('There is no such group, or you are not in it.')
const notOwner = refusal('You are not an owner of the group.')
const notBoth = refusal('There is no such group, or you or the person are not in it.')

export const groups: Calls = {
  '/api/groups': {
    POST: {
      id: 'createGroup',
      summary: 'Create a group',
      description:
        'You are its owner. The others are invited: nobody is in it without accepting. New members see all that was said before.',
      auth: 'token',
      body: json(groupDraft),
      answers: {
        201: answer(
          'The group and the invitations to it.',
          z.object({ conversation, invitations: z.array(invitation) }),
        ),
      },
      problems: {
        403: refusal('You are a guest, or one of them cannot be invited. Nothing was created.'),
        404: refusal('No one has one of these usernames. Nothing was created.'),
      },
      isLimited: true,
      example: { body: { title: 'Picnic', usernames: ['bob'] } },
    },
  },
  '/api/conversations/{id}': {
    PATCH: {
      id: 'renameGroup',
      summary: 'Rename a group',
      auth: 'token',
      body: json(groupChange),
      answers: { 200: answer('The group.', conversation) },
      problems: { 403: notOwner, 404: notIn },
      isLimited: true,
      example: { id: '$GROUP', body: { title: 'Picnic on Sunday' } },
    },
  },
  '/api/conversations/{id}/invitations': {
    POST: {
      id: 'inviteToGroup',
      summary: 'Invite a person to a group',
      auth: 'token',
      body: json(groupInvitation),
      answers: { 201: answer('The invitation. A person who is offline finds it later.', invitation) },
      problems: {
        403: refusal('You are not an owner of the group, or this person cannot be invited.'),
        404: refusal('There is no such group, you are not in it, or no one has that username.'),
        409: refusal(
          'The person is in the group or invited to it, or left it or rejected your invitation in the last 30 days.',
          groupInviteConflict,
        ),
      },
      isLimited: true,
      example: { id: '$GROUP', body: { username: 'bob' } },
    },
  },
  '/api/conversations/{id}/people/{userId}': {
    PATCH: {
      id: 'setRole',
      summary: 'Make a member an owner, or step down',
      description:
        'The person is an id, or `me`. Owners can step down themselves; they do not demote others.',
      auth: 'token',
      body: json(roleChange),
      answers: { 200: answer('The person with their role.', member) },
      problems: {
        403: refusal('You are not an owner of the group, or the person is another owner.'),
        404: notBoth,
        409: refusal('You are the last owner.'),
      },
      isLimited: true,
      example: { id: '$GROUP', body: { role: 'owner' } },
    },
    DELETE: {
      id: 'removeFromGroup',
      summary: 'Remove a member, or leave',
      description:
        'The person is an id, or `me`. When the last owner leaves, the longest-standing member becomes owner. An empty group is deleted.',
      auth: 'token',
      answers: { 204: answer('The person is no longer in the group. Their sockets and streams end.') },
      problems: {
        403: refusal('You are not an owner of the group, or the person is another owner.'),
        404: notBoth,
      },
      isLimited: true,
      example: { id: '$GROUP', userId: 'me' },
    },
  },
}
