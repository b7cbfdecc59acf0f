import { MessagePage } from '@/app/conversation/one-message/message-page'
import { pageInConversation } from '@/app/conversation/one-message/open-message'

export default pageInConversation(MessagePage)
