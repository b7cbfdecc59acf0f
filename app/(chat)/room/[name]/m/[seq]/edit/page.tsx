import { EditPage } from '@/app/conversation/one-message/edit-page'
import { pageInRoom } from '@/app/conversation/one-message/open-message'

export default pageInRoom(EditPage, '/edit')
