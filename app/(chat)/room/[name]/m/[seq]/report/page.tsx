import { pageInRoom } from '@/app/conversation/one-message/open-message'
import { ReportPage } from '@/app/conversation/one-message/report-page'

export default pageInRoom(ReportPage, '/report')
