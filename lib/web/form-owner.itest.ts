import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Refusal } from '@/lib/errors'
import { people, type TestPerson } from '@/testing/people'
import { readOwner, refuseOtherOwner, sealOwner } from './form-owner'

test('a form is accepted from the person it was made for, and from nobody who changed its seal', async () => {
  const [ada, bob] = (await people('ada', 'bob')) as [TestPerson, TestPerson]
  const mine = sealOwner(ada.id)
  assert.equal(readOwner(mine), ada.id)
  refuseOtherOwner(ada, mine)
  refuseOtherOwner(ada, undefined)
  const [, seal] = sealOwner(bob.id).split('.')
  for (const forged of [undefined, '', 'x', ada.id, `${ada.id}.`, `${ada.id}.${seal}`])
    assert.equal(readOwner(forged), undefined, forged)
  for (const other of [sealOwner(bob.id), `${ada.id}.${seal}`, 'x'])
    assert.throws(
      () => refuseOtherOwner(ada, other),
      (error: Refusal) => error.status === 403,
    )
})
