import type { Language } from "../skill.ts";

/** Name and days, in a year that is no leap year. */
export const MONTHS: readonly (readonly [string, number])[] = [
  ["January", 31],
  ["February", 28],
  ["March", 31],
  ["April", 30],
  ["May", 31],
  ["June", 30],
  ["July", 31],
  ["August", 31],
  ["September", 30],
  ["October", 31],
  ["November", 30],
  ["December", 31],
];

export const WEEKDAYS: Readonly<Record<Language, readonly string[]>> = {
  en: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  zh: ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
};

/** A day of a month (0 to 11): `March 5`, `3月5日`. */
export const dateText = (language: Language, month: number, day: number): string =>
  language === "en" ? `${MONTHS[month]![0]} ${day}` : `${month + 1}月${day}日`;
