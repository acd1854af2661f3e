import { type Halves, halves, halvesOf } from "../split.ts";

/** Names of fields and parameters by the type of what they hold; English in both languages, as in most programs. */
export const FIELDS: Readonly<Record<"string" | "integer" | "number" | "boolean" | "enum" | "strings" | "integers", Halves<string>>> = {
  string: halves("city|name|title|place|person|topic|street|country|team|code|from|user", "town|label|author|subject|owner|region"),
  integer: halves("days|count|page|size|age|hours|year|seats|floor|level", "minutes|limit|rank|rooms|weeks|amount"),
  number: halves("price|weight|speed|ratio|height|score", "width|rate|volume|length"),
  boolean: halves("urgent|public|loud|open|new|safe", "active|hidden|fast|ready"),
  enum: halves("color|mode|unit|kind|status", "style|shape|format"),
  strings: halves("names|tags|cities|words|items", "labels|people|topics"),
  integers: halves("numbers|pages|scores|sizes", "years|points|ids"),
};

/** The values an enumeration is made of; each inner list is one enumeration. */
export const ENUMS: Halves<readonly string[]> = halvesOf(
  [
    ["red", "green", "blue"],
    ["low", "medium", "high"],
    ["small", "large"],
    ["open", "closed"],
    ["day", "night"],
    ["km", "miles"],
    ["new", "used", "old"],
  ],
  [
    ["round", "square", "flat"],
    ["short", "long"],
    ["hot", "warm", "cold"],
    ["left", "right"],
    ["grams", "pounds"],
  ],
);

/** Places and titles of one or two words. */
export const NAMES: Halves<string> = halves(
  "Rome|Paris|Berlin|Tokyo|London|Madrid|Oslo|Vienna|Lima|Cairo|New York|Green Hill|Blue River|Old Town|North Park|Summer Song|Red Garden",
  "Athens|Dublin|Lisbon|Prague|Quito|Milan|Cape Town|Silver Lake|West Gate|Winter Moon|Stone Bridge",
);
export const CHINESE_NAMES: Halves<string> = halves("北京|上海|南山|花城|小明|大山", "天津|云南|海口|小月|金山");
