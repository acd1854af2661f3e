import { halves, type Lists } from "../split.ts";

/** Short words for lists: to be counted, sorted, repeated, spelled. */
export const ITEMS: Lists = {
  en: halves(
    `apple|bread|chair|dog|egg|fish|green|house|ice|jam|king|lamp|milk|night|orange|paper|queen|river|stone|table|under|voice|water|yellow|zebra|
    cat|door|east|flower|grass|hat|ink|jump|kite|lemon|moon|nose|open|pear|rain|sun|tree|wind|berry|cloud|silver|summer|letter|button|rabbit|
    hammer|pepper|carrot|kettle|bottle|mirror|window|winter|spring|garden|finger|coffee|cherry|butter|ladder|pillow|puzzle|
    acorn|alarm|anchor|angel|ankle|ant|apron|arch|arm|arrow|atlas|attic|autumn|axe|bacon|badge|bag|bakery|ball|bamboo|band|bank|barn|barrel|basin|basket|
    bat|bath|beach|bead|bean|bear|beard|beaver|bed|bee|beer|bench|bike|bird|biscuit|blanket|blue|board|boat|bone|book|boot|box|boy|branch|brass|brick|
    bridge|broom|brown|brush|bubble|bucket|bug|bush|cabin|cable|cage|camel|camera|camp|candle|candy|canoe|cap|card|cargo|carpet|cart|castle|cave|cedar|
    cellar|chain|chalk|cheese|chess|chest|chicken|child|chimney|circle|city|clay|cliff|clock|coach|coal|coast|coat|coin|collar|color|comb|compass|cook|
    coral|corn|corner|couch|cow|crab|crane|cream|crow|crown|cup|curtain|dance|dawn|desert|desk|diamond|dish|doll|donkey|dove|dragon|dream|dress|duck|dust|
    eagle|ear|earth|elbow|elm|eye|face|falcon|fan|farm|father|feather|fence|fern|field|fig|fire|floor|flute|fog|foot|fork|fox|frame|friend|frog|fruit|gate|
    gift|giraffe|girl|glass|glove|glue|gold|goose|grain|gravel|guest|guitar|hair|hall|hand|harbor|harp|heart|hedge|hen|honey|hook|horn|horse|hotel|iron|
    ivory|jacket|jar|jazz|jewel|jungle|kitchen|kitten|knot|lace|lake|lawn|lime|lion|lizard|lock|log|mango|map|maple|marble|mask|meadow|melon|metal|mint|
    monkey|month|mother|motor|mountain|mud|mule|music|nail|nest|net|noon|nut|oak|oat|oil|olive|onion|otter|oven|owl|paint|palace|palm|panda|parcel|path|
    peach|pen|piano|picture|pie|pig|pine|pipe|planet|plate|plum|pond|pony|potato|purple|purse|radio|rail|raven|red|rice|ring|road|robin|robot|roof|room|rope|
    ruby|salt|sand|saw|scarf|school|sea|seed|shadow|sheep|shelf|shell|shirt|shoe|sister|skirt|sky|sled|snail|snake|snow|soap|sock|sofa|soup|spoon|squirrel|
    stable|star|station|steel|storm|stove|straw|street|sugar|swan|tail|tea|tent|thorn|thread|thumb|ticket|tower|town|toy|train|truck|trumpet|turtle|uncle|
    vase|velvet|village|violin|wagon|wall|wheat|wheel|whistle|white|willow|wing|wire|wolf|wood|world|worm|yard|year|zoo`,
    `bell|cake|drum|flag|goat|hill|island|juice|knife|leaf|mouse|north|ocean|pencil|rose|ship|tiger|valley|wool|banana|cotton|dinner|engine|
    forest|ginger|market|needle|parrot|ribbon|tunnel|violet|walnut|copper|grapes|tomato|
    almond|badger|balloon|barley|beetle|bonnet|bracelet|breeze|butler|cabbage|canyon|catfish|cricket|cottage|cushion|daisy|dolphin|elephant|emerald|envelope|
    fountain|galaxy|garlic|glacier|hazel|helmet|hornet|igloo|jasmine|jelly|kangaroo|kiosk|lantern|lettuce|lobster|magnet|mushroom|napkin|nettle|oyster|
    pebble|penguin|pigeon|pumpkin|quilt|raisin|saddle|salmon|sandal|spider|sponge|teapot|tractor|tulip|umbrella|vinegar|waffle|whale|yogurt|zipper`,
  ),
  zh: halves(
    "山|水|火|木|花|鸟|鱼|马|米|茶|红|蓝|门|灯|书|风|日|月|手|大|球|包|路|图|歌|信|店|桌子|苹果|火车|房子|杯子里|白云|大雨天|小鸟|星星|老师|文字|学校|工具",
    "牛|羊|石|云|绿|土|雨|天|金|海|瓜|狗|猫|河边|盒子|月亮|花园|碗|颜色|气温",
  ),
};
