import 'server-only'
import { Refusal } from './errors'
import type { SiteSettings } from './site-settings'

/** How to get an account where registration is not open. */
export const howToGetIn = ({ registration, linkMakers }: SiteSettings) =>
  registration === 'closed'
    ? 'This site takes no new accounts.'
    : `You need a link to create an account here. Ask ${linkMakers === 'accounts' ? 'someone who has an account' : 'an operator of this site'} for one.`

/** @throws {Refusal} 403 if the site takes no new accounts, or only with a link */
export function requireRegistration(settings: SiteSettings, link: string | null) {
  const { registration } = settings
  if (registration === 'closed' || (registration === 'link' && !link))
    throw new Refusal(403, howToGetIn(settings))
}

/** @throws {Refusal} 403 if the site takes no guests */
export function requireGuests({ guests }: SiteSettings) {
  if (!guests) throw new Refusal(403, 'This site takes no guests.')
}
