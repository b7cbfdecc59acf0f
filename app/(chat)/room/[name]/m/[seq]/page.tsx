import { MessagePage } from '@/app/conversation/one-message/message-page'
import { pageInRoom } from '@/app/conversation/one-message/open-message'

export default pageInRoom(MessagePage)
