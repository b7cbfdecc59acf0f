import { pageInConversation } from '@/app/conversation/one-message/open-message'
import { ReportPage } from '@/app/conversation/one-message/report-page'

export default pageInConversation(ReportPage, '/report')
