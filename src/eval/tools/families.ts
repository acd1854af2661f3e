import type { Language } from "../skill.ts";
import { type Halves, halvesOf } from "../split.ts";
import type { Kind } from "./field.ts";

/** A tool of everyday life, asked for in everyday words. */
export interface Family {
  readonly name: string;
  readonly description: Readonly<Record<Language, string>>;
  readonly parameters: readonly (readonly [string, Kind])[];
  /** Requests; `{name}` is where a parameter's value stands. */
  readonly asked: Readonly<Record<Language, readonly string[]>>;
}

export const FAMILIES: Halves<Family> = halvesOf<Family>(
  [
    {
      name: "get_weather",
      description: { en: "Weather of a city for some days.", zh: "一个城市几天的天气。" },
      parameters: [
        ["city", "string"],
        ["days", "integer"],
      ],
      asked: {
        en: [
          "What will the weather be in {city} for the next {days} days?",
          "Weather for {city}, {days} days.",
          "How is the weather in {city}? I need {days} days.",
        ],
        zh: ["{city}{days}天的天气怎么样？", "我想看{city}的天气，{days}天。"],
      },
    },
    {
      name: "get_temperature",
      description: { en: "Temperature of a city now.", zh: "一个城市现在的温度。" },
      parameters: [["city", "string"]],
      asked: {
        en: ["How warm is it in {city}?", "What is the temperature in {city}?"],
        zh: ["{city}现在多少度？", "{city}的温度是多少？"],
      },
    },
    {
      name: "set_timer",
      description: { en: "Starts a timer.", zh: "开始计时。" },
      parameters: [["minutes", "integer"]],
      asked: {
        en: ["Set a timer for {minutes} minutes.", "Start a timer of {minutes} minutes."],
        zh: ["计时{minutes}分钟。", "请计时{minutes}分钟。"],
      },
    },
    {
      name: "send_mail",
      description: { en: "Sends a mail to a person.", zh: "给人发信。" },
      parameters: [
        ["to", "string"],
        ["text", "string"],
      ],
      asked: { en: ["Send a mail to {to} saying {text}.", "Mail {to}: {text}."], zh: ["给{to}发信：{text}。", "请给{to}发信，写{text}。"] },
    },
    {
      name: "play_music",
      description: { en: "Plays a song.", zh: "放歌。" },
      parameters: [["song", "string"]],
      asked: {
        en: ["Play {song}.", "I want to hear {song}.", "Play the song {song}, please."],
        zh: ["放{song}这首歌。", "我想听{song}。"],
      },
    },
    {
      name: "multiply",
      description: { en: "Multiplies two numbers.", zh: "两个数相乘。" },
      parameters: [
        ["a", "number"],
        ["b", "number"],
      ],
      asked: { en: ["What is {a} times {b}?", "Multiply {a} by {b}."], zh: ["{a}乘{b}是多少？", "{a}乘以{b}等于几？"] },
    },
  ],
  [
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
      asked: { en: ["Set an alarm for hour {hour}, minute {minute}.", "Wake me at {hour}:{minute}."], zh: ["{hour}点{minute}分叫我。"] },
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
  ],
);
