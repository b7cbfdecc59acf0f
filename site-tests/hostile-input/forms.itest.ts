import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { formsOf, hostilePosts } from './hostile-posts'
import { createScene, invitationTo, pagePaths, type Scene } from './scene'
import { sendAll } from './send-all'

let scene: Scene
before(async () => {
  scene = await createScene()
})

test('no form post makes a page fail', async () => {
  await invitationTo(scene.ada)
  const forms = await formsOf(scene.ada, pagePaths(scene))
  const buttons = forms.map(({ button }) => button)
  for (const expected of [
    'Create account',
    'Log in',
    'Log out',
    'Send',
    'Save',
    'Change password',
    'Delete account',
    'Accept',
    'Continue as guest',
    'Join',
    'Create group',
    'Rename',
    'Invite',
    'Remove',
    'Step down',
    'Leave group',
    'Leave',
  ])
    assert.ok(
      buttons.some((button) => button.startsWith(expected)),
      `the form “${expected}” among ${buttons}`,
    )
  await sendAll((await Promise.all(forms.map((form) => hostilePosts(scene.ada, form)))).flat())
})
