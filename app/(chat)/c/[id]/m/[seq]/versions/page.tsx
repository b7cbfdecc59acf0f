import { pageInConversation } from '@/app/conversation/one-message/open-message'
import { VersionsPage } from '@/app/conversation/one-message/versions-page'

export default pageInConversation(VersionsPage, '/versions')
