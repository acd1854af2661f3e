import { type Family, family } from "./family.ts";

/** Every request shares a word with what is said of its tool: by what else could a model choose that has read nothing but these skills? */
export const TEST_FAMILIES: readonly Family[] = [
  {
    name: "get_time",
    description: { en: "Time of day in a city.", zh: "一个城市现在几点。" },
    parameters: [["city", "string"]],
    asked: { en: ["What time is it in {city}?", "Tell me the time in {city}."], zh: ["{city}现在几点？", "请看{city}现在几点。"] },
  },
  {
    name: "set_alarm",
    description: { en: "Sets an alarm.", zh: "到时间叫人。" },
    parameters: [
      ["hour", "integer"],
      ["minute", "integer"],
    ],
    asked: {
      en: ["Set an alarm for hour {hour}, minute {minute}.", "An alarm at {hour}:{minute}, please."],
      zh: ["{hour}点{minute}分叫我。"],
    },
  },
  {
    name: "send_message",
    description: { en: "Sends a message to a person.", zh: "给人发文字。" },
    parameters: [
      ["person", "string"],
      ["message", "string"],
    ],
    asked: { en: ["Send {person} the message {message}.", "Message {person}: {message}."], zh: ["给{person}发：{message}。"] },
  },
  {
    name: "divide",
    description: { en: "Divides two numbers.", zh: "两个数相除。" },
    parameters: [
      ["a", "number"],
      ["b", "number"],
    ],
    asked: { en: ["What is {a} divided by {b}?", "Divide {a} by {b}."], zh: ["{a}除以{b}是多少？"] },
  },
  family(
    "find_hotel",
    "Finds a hotel.",
    "找住的地方。",
    [
      ["city", "string"],
      ["nights", "integer"],
    ],
    "Find a hotel in {city} for {nights} nights.|I need a hotel in {city}, {nights} nights.",
    "在{city}住{nights}天。",
  ),
  family(
    "create_note",
    "Writes a note.",
    "写本。",
    [
      ["title", "string"],
      ["body", "string"],
    ],
    "Note under {title}: {body}.|Make a note titled {title} that says {body}.",
    "写本{title}：{body}。",
  ),
  family(
    "search_products",
    "Searches the shop.",
    "在店里找。",
    [
      ["keyword", "string"],
      ["max_price", "number"],
    ],
    "Search for {keyword} of at most {max_price} dollars.|Does the shop have {keyword} under {max_price}?",
    "找{max_price}元的{keyword}。",
  ),
  family(
    "set_thermostat",
    "Sets the temperature of a room.",
    "改房间的温度。",
    [
      ["room", "string"],
      ["degrees", "integer"],
    ],
    "Set {room} to {degrees} degrees.|Make it {degrees} degrees in {room}.",
    "{room}的温度改到{degrees}度。",
  ),
  family(
    "delete_file",
    "Deletes a file.",
    "不要这个文件。",
    [["filename", "string"]],
    "Delete {filename}.|Remove the file {filename}.",
    "不要{filename}这个文件。",
  ),
];
