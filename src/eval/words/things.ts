import { halves, type Lists } from "../split.ts";

/** What can be counted; in Chinese, what takes 个. */
export const THINGS: Lists = {
  en: halves(
    "apples|books|coins|stones|cards|marbles|shells|stamps|eggs|pens|balls|nuts|cookies|stars|toys|flowers|pencils|oranges|stickers|beads|plates|chairs",
    "tickets|boxes|bottles|candies|birds|cars|lemons|cups|keys|spoons",
  ),
  zh: halves("苹果|球|碗|包|果子", "瓜|杯子|盒子"),
};

export const PLACES: Lists = {
  en: halves("box|basket|shop|bag|room|jar|garden|library|drawer|farm|bus|school", "truck|train|warehouse|store|kitchen|barn"),
  zh: halves("房间|店|学校|书包", "车|市场|花园"),
};
