import { bilingualLists } from "./verbs.ts";

export const NOUNS = bilingualLists(
  `room 房间|ticket 票|letter 信|door 门|book 书|order 单|lamp 灯|song 歌|file 文件|train 火车|fish 鱼|horse 马|house 房子|water 水|tea 茶|word 词|story 故事|
  school 学校|shop 店|star 星星|road 路|poem 文字|tool 工具|number 号码|
  user|account|profile|session|token|password|key|role|permission|member|group|team|project|task|issue|branch|commit|release|package|module|server|
  client|host|port|route|endpoint|request|response|header|cookie|cache|queue|topic|event|job|worker|thread|process|container|cluster|node|volume|disk|
  bucket|folder|document|page|image|photo|video|clip|audio|track|album|playlist|stream|channel|message|chat|post|comment|thread_list|mail|contact|
  invite|meeting|calendar|reminder|alarm|timer|schedule|invoice|payment|bill|receipt|refund|price|product|cart|coupon|discount|shipment|parcel|delivery|
  stock|share|fund|loan|budget|report|chart|table_row|column|record|row|field|index|query|view|report_line|dataset|model|metric|score|grade|test|exam|
  course|lesson|class|student|teacher|doctor|patient|visit|recipe|meal|dish|menu|pizza|soup|cake_box|drink|coffee|hotel|flight|seat|taxi|bike|bus|trip|tour|
  weather|forecast|storm|city_plan|street|bridge|garden|tree|plant|seed|cat|dog|bird|pet|toy|game|level|player|match|goal|prize|coin|gift|card|stamp|
  sensor|robot|camera|printer|phone|screen|light|heater|fan|window|oven|engine|motor|pump|valve|battery|cable|wheel|tire|shirt|shoe|hat|coat|bag`,
  `map 图|car 车|note 本|clock 钟|table 桌子|flower 花|cup 杯子|box 盒子|sea 大海|
  device|ledger|gateway|subscription|certificate|snapshot|widget|template|variable|warehouse|vehicle|boat|museum|concert|novel|article|survey|quiz|
  contract|salary|deadline|badge|locker|elevator|balcony|kitchen|pillow|basket|guitar|puzzle|statue|island|harbor|planet|rocket|tunnel|lantern`,
);
