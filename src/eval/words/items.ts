import { halves, type Lists } from "../split.ts";

/** Short words for lists: to be counted, sorted, repeated, spelled. */
export const ITEMS: Lists = {
  en: halves(
    `apple|bread|chair|dog|egg|fish|green|house|ice|jam|king|lamp|milk|night|orange|paper|queen|river|stone|table|under|voice|water|yellow|zebra|
    cat|door|east|flower|grass|hat|ink|jump|kite|lemon|moon|nose|open|pear|rain|sun|tree|wind|berry|cloud|silver|summer|letter|button|rabbit|
    hammer|pepper|carrot|kettle|bottle|mirror|window|winter|spring|garden|finger|coffee|cherry|butter|ladder|pillow|puzzle`,
    `bell|cake|drum|flag|goat|hill|island|juice|knife|leaf|mouse|north|ocean|pencil|rose|ship|tiger|valley|wool|banana|cotton|dinner|engine|
    forest|ginger|market|needle|parrot|ribbon|tunnel|violet|walnut|copper|grapes|tomato`,
  ),
  zh: halves("山|水|火|木|花|鸟|鱼|马|米|茶|红|蓝|门|灯|书|风|日|月|手|大", "牛|羊|石|云|绿|土|雨|天|金|海"),
};
