import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusalPage } from './refusal-page'

test('the message of a refusal and the input are never markup', async () => {
  const markup = '</textarea><script>alert("&lt;")</script>'
  const page = refusalPage({ status: 404, message: markup }, markup)
  assert.equal(page.status, 404)
  const html = await page.text()
  assert.doesNotMatch(html, /<script/)
  assert.equal(html.split('&lt;/textarea>&lt;script>alert("&amp;lt;")&lt;/script>').length, 3)
})
