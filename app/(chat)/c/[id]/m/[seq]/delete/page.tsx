import { DeletePage } from '@/app/conversation/one-message/delete-page'
import { pageInConversation } from '@/app/conversation/one-message/open-message'

export default pageInConversation(DeletePage, '/delete')
