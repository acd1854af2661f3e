import { halves, type Lists } from "../split.ts";

/** What can be counted; in Chinese, what takes 个. */
export const THINGS: Lists = {
  en: halves(
    `apples|books|coins|stones|cards|marbles|shells|stamps|eggs|pens|balls|nuts|cookies|stars|toys|flowers|pencils|oranges|stickers|beads|plates|chairs|
    bricks|letters|photos|points|grapes|plums|berries|carrots|potatoes|cakes|muffins|bananas|fish|ducks|sheep|horses|trees|seeds|ropes|nails|screws|hats|
    shirts|socks|shoes|buttons|ribbons|bags|glasses|forks|lamps|candles|clocks|maps|files|tasks|messages|points|dollars|euros|songs|games|tiles|buckets|tents`,
    `tickets|boxes|bottles|candies|birds|cars|lemons|cups|keys|spoons|melons|crayons|magnets|envelopes|pumpkins|balloons|onions|badges|bolts|pillows|rabbits`,
  ),
  zh: halves("苹果|球|碗|包|果子|星星|字母|房间|学生|工具|词", "瓜|杯子|盒子|石子|花瓶"),
};

export const PLACES: Lists = {
  en: halves(
    `box|basket|shop|bag|room|jar|garden|library|drawer|farm|bus|school|house|bucket|case|park|office|hall|yard|market|field|bank|club|museum|van|boat|cave|
    cupboard|shelf|pocket|pond|zoo|hotel|camp|bakery|factory|class|cellar`,
    `truck|train|warehouse|store|kitchen|barn|crate|wagon|stadium|attic|harbor|suitcase|orchard|studio`,
  ),
  zh: halves("房间|店|学校|书包|大门口|河边", "车|市场|花园|桌子"),
};
