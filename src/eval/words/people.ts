import { halves, type Lists } from "../split.ts";

export const PEOPLE: Lists = {
  en: halves(
    "Tom|Anna|Ben|Mia|Sam|Lily|Max|Eva|Leo|Zoe|Jack|Nora|Ali|Ines|Omar|Kim|Raj|Sara|Paul|Lucy|Finn|Maria|John|Emma|Noah|Ada|Hugo|Ella",
    "Ivan|Rosa|Peter|Alice|Bob|Carol|Dave|Mary|Otto|Ruth",
  ),
  zh: halves("小明|小红|小丽|小文|大山|小花", "小天|小月|大海|小雨"),
};
