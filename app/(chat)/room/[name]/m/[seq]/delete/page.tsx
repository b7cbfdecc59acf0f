import { DeletePage } from '@/app/conversation/one-message/delete-page'
import { pageInRoom } from '@/app/conversation/one-message/open-message'

export default pageInRoom(DeletePage, '/delete')
