import { EditPage } from '@/app/conversation/one-message/edit-page'
import { pageInConversation } from '@/app/conversation/one-message/open-message'

export default pageInConversation(EditPage, '/edit')
