import { Form } from '@/app/ui/form'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { isSetupKey } from '@/lib/setup'
import { pageSettings } from '@/lib/web/page-settings'
import { currentUser } from '@/lib/web/page-user'
import { setUpSite } from '../../actions'
import { accountFields, firstSettingFields } from '../../fields'
import { gonePage } from '../../gone'

async function SetupPage({ params }: PageProps<'/setup/[key]'>) {
  const { key } = await params
  if (!(await isSetupKey(key)))
    return gonePage('In a shell of the site, “npm run operator” prints a new one.')
  const user = await currentUser()
  if (user?.isGuest) return <GuestPage />
  const settings = firstSettingFields(await pageSettings())
  return (
    <Welcome title="Set up this site">
      {user ? (
        <p className="text-muted">You are logged in as {user.username}, who will be an operator.</p>
      ) : (
        <p className="text-muted">
          You will be an operator. If you have an account already,{' '}
          <a href={`/login?from=/setup/${key}`} className="link">
            log in
          </a>{' '}
          first.
        </p>
      )}
      <Form
        action={setUpSite}
        fields={user ? settings : [...accountFields, ...settings]}
        hidden={{ key }}
        button="Set up"
      />
    </Welcome>
  )
}

export default orTooSlow(SetupPage, Welcome)

const GuestPage = () => (
  <Welcome title="Set up this site">
    <p>
      You are a guest, and an operator needs an account.{' '}
      <a href="/settings" className="link">
        Set a password
      </a>{' '}
      or log out, and then open this link again.
    </p>
  </Welcome>
)
