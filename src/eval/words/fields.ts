import { type Halves, halves, halvesOf } from "../split.ts";

/** Names of fields and parameters by the type of what they hold; English in both languages, as in most programs. */
export const FIELDS: Readonly<Record<"string" | "integer" | "number" | "boolean" | "enum" | "strings" | "integers", Halves<string>>> = {
  string: halves(
    `city|name|title|place|person|topic|street|country|team|code|from|user|id|key|value|text|message|note|path|file|folder|url|email|phone|address|date|day|
    time|query|word|language|currency|product|brand|model|department|company|role|first_name|last_name|user_id|file_name|start_date|firstName|userId|sender|
    to|target|source|category|comment|reason|summary|token|branch|host|station|hotel|song|artist|book|customer|order_id|account|password|description|keyword`,
    `town|label|author|subject|owner|region|origin|destination|recipient|device|username|zip_code|lastName|nickname|filename|employee|vendor|project_id|
    body|ticket|venue|serial|district`,
  ),
  integer: halves(
    `days|count|page|size|age|hours|year|seats|floor|level|quantity|number|index|port|timeout|offset|max_results|priority|people|guests|nights|month|hour|
    minute|seconds|retries|version|top|row|column|steps|copies|maxItems|pageSize|user_count|room_number|score|total|stock|duration|points`,
    `minutes|limit|rank|rooms|weeks|amount|threshold|batch_size|passengers|maxLength|attempts|line|zoom|capacity|position`,
  ),
  number: halves(
    "price|weight|speed|ratio|height|score|temperature|distance|cost|budget|latitude|area|percent|balance|tax|a|b|x|y|min|max|minPrice|unit_price|fee|depth|salary",
    "width|rate|volume|length|longitude|discount|voltage|mass|tip|max_price|factor",
  ),
  boolean: halves(
    "urgent|public|loud|open|new|safe|enabled|verbose|force|recursive|private|is_active|dry_run|notify|silent|all|paid|confirmed|isOpen|with_tax|done|visible|overwrite|in_stock|shared|vip",
    "active|hidden|fast|ready|archived|available|strict|includeDeleted|premium|valid",
  ),
  enum: halves(
    "color|mode|unit|kind|status|type|size|level|priority|direction|theme|currency|format_type|sort_order|period|plan|gender|state|quality|season|transport|role_type",
    "style|shape|format|scale|severity|category_type|interval|layout|tier|side",
  ),
  strings: halves(
    "names|tags|cities|words|items|users|files|emails|keys|products|fields|colors|guests|ingredients|members|columns|categories|ids_list|paths|options|values|notes",
    "labels|people|topics|recipients|attachments|skills|features|hobbies",
  ),
  integers: halves(
    "numbers|pages|scores|sizes|counts|user_ids|rows|levels|ports|prices|indexes|ages|hours_list|floors|seats_list|grades",
    "years|points_list|ids|ranks|amounts|weights",
  ),
};

/** How people say a parameter without naming it, `{v}` where the value stands; in English. */
export const PHRASES: Readonly<Record<string, readonly string[]>> = {
  city: ["in {v}", "in the city of {v}"],
  name: ["named {v}", "called {v}", "with the name {v}"],
  title: ["titled {v}", "with the title {v}"],
  place: ["at {v}", "near {v}"],
  person: ["for {v}"],
  topic: ["about {v}"],
  street: ["on {v} street"],
  country: ["of the country {v}"],
  team: ["for the team {v}"],
  from: ["from {v}"],
  to: ["to {v}"],
  user: ["for the user {v}", "of the user {v}"],
  company: ["at the company {v}"],
  language: ["in the language {v}"],
  text: ["saying {v}", "with the text {v}"],
  message: ["with the message {v}"],
  date: ["on {v}"],
  time: ["at {v}"],
  days: ["for {v} days", "lasting {v} days"],
  hours: ["for {v} hours"],
  people: ["for {v} people", "for a group of {v}"],
  guests: ["for {v} guests"],
  nights: ["for {v} nights"],
  year: ["of the year {v}"],
  seats: ["with {v} seats"],
  floor: ["on floor {v}"],
  page: ["on page {v}"],
  quantity: ["{v} times"],
  price: ["for {v} dollars", "at a price of {v}"],
  weight: ["weighing {v}", "of weight {v}"],
  tags: ["tagged {v}"],
  color: ["in the color {v}"],
  // Those of tests name what they give: that one goes *to a destination* cannot be known to who has read nothing but these skills.
  town: ["in the town of {v}", "in the town {v}"],
  author: ["by the author {v}"],
  subject: ["on the subject of {v}"],
  owner: ["owned by {v}"],
  destination: ["to the destination {v}"],
  recipient: ["to the recipient {v}"],
  minutes: ["for {v} minutes"],
  rooms: ["with {v} rooms"],
  weeks: ["for {v} weeks"],
  passengers: ["for {v} passengers"],
  width: ["with a width of {v}"],
  labels: ["labeled {v}"],
};

/** The values an enumeration is made of; each inner list is one enumeration. */
export const ENUMS: Halves<readonly string[]> = halvesOf(
  `red green blue|low medium high|small large|open closed|day night|km miles|new used old|S M L XL|on off|asc desc|north south east west|USD EUR GBP|
  json xml csv|male female|bus train car|todo doing done|low normal urgent|dark light|draft sent failed|spring summer fall winter|mp3 wav|free pro team|
  celsius fahrenheit|admin editor viewer|up down|kg lb|en fr de es|black white gray|daily weekly monthly|pending approved rejected|single double suite|
  debug info warn error|GET POST PUT DELETE|active paused|easy hard|eco turbo`
    .split("|")
    .map((list) => list.trim().split(/\s+/)),
  "round square flat|short long|hot warm cold|left right|grams pounds|bold italic plain|cash card transfer|first business economy|open_now any|minor major critical|A4 A5 letter|oval cube cone|hourly yearly|fade slide zoom|thin thick"
    .split("|")
    .map((list) => list.trim().split(/\s+/)),
);

/** Places and titles of one or two words. */
export const NAMES: Halves<string> = halves(
  `Rome|Paris|Berlin|Tokyo|London|Madrid|Oslo|Vienna|Lima|Cairo|New York|Green Hill|Blue River|Old Town|North Park|Summer Song|Red Garden|
  Amsterdam|Ankara|Bangkok|Barcelona|Beijing|Boston|Brussels|Chicago|Copenhagen|Dakar|Delhi|Denver|Dubai|Geneva|Hamburg|Hanoi|Havana|Helsinki|Istanbul|
  Jakarta|Kyoto|Lagos|Los Angeles|Lyon|Manila|Miami|Montreal|Moscow|Munich|Nairobi|Naples|Osaka|Porto|Riga|San Francisco|Santiago|Seoul|Shanghai|Singapore|
  Sofia|Stockholm|Sydney|Tunis|Turin|Warsaw|Zurich|Happy Days|Morning Light|River Road|Sun Valley|White House|Night Train|Long Walk|Golden Gate|Black Forest|
  Project Alpha|Team Seven|Lucky Star|Big Blue|Sales|Support|Finance|Python|French|German|Mr Brown|Main Street|hello world|see you at noon|call me back|
  the last report|see you tomorrow|no sugar please|happy birthday|the red car|buy milk and bread|I am late|good luck|well done|team meeting|lunch with Anna`,
  `Athens|Dublin|Lisbon|Prague|Quito|Milan|Cape Town|Silver Lake|West Gate|Winter Moon|Stone Bridge|Baghdad|Bogota|Budapest|Casablanca|Edinburgh|Florence|
  Glasgow|Krakow|Marseille|Melbourne|Mumbai|Phoenix|Reykjavik|Salzburg|Toronto|Venice|Quiet Storm|Crimson Tide|Marketing|Italian|Dr Stone|Harbor View|
  I will be late|the meeting moved|pick up the kids|good evening all|dinner is ready|the blue folder|thanks for waiting`,
);
export const CHINESE_NAMES: Halves<string> = halves(
  "北京|上海|南山|花城|小明|大山|东海|西安|南京|白云山|明天见|生日快走|在家等你|你好吗|大字|早点来",
  "天津|云南|海口|小月|金山|北海|长安|西山|晚点到|再等一等",
);
