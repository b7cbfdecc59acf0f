import { Welcome } from '@/app/ui/welcome'
import { setPageStatus } from '@/lib/web/page-status'

/** A page with status 410, for a link that cannot be used any more. @param advice says how to get a new one */
export function gonePage(advice: string) {
  setPageStatus(410)
  return (
    <Welcome title="This link cannot be used">
      <p>It has expired, was used already, or is not complete. {advice}</p>
      <p>
        <a href="/" className="link">
          Go to the home page
        </a>
      </p>
    </Welcome>
  )
}
