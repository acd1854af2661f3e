import { chance, pick, type Random } from "./draw.ts";
import { fill } from "./fill.ts";
import type { Language, Split } from "./skill.ts";
import { halves, type Lists } from "./split.ts";
import { loosened } from "./words/loosened.ts";

/** What people put before and after a question. */
const BEFORE: Lists = {
  en: halves(
    `Please: |Hi! |Hello, |Hey, |Quick question: |OK. |Okay, |Now: |Next: |I have a question. |Help me with this: |Please help. |Question: |Tell me: |So, |
    Good morning! |One more: |Sorry, |I wonder: |Minnow, |Let's see: |Task: |Here is a task. |My question is: |First: `,
    `Hi there. |A question: |Right, |Could you help me? |Well, |Dear Minnow, |Another one: |Just curious: `,
  ),
  zh: halves("你好！|你好，|我想问：|请问，|老师，|好的，|现在，|请看：|我有个问题：|再来：", "您好，|问一下：|请帮我：|来，"),
};
const AFTER: Lists = {
  en: halves(
    " Thanks!| Thank you.| thanks| please| Please.| Thank you!| Quickly, please.| Just the answer.| Take your time.| I need to know.| Please tell me.| Be careful.",
    " Thanks in advance.| Many thanks!| Cheers| Please help.| I'm in a hurry.",
  ),
  zh: halves("谢谢！|谢谢。|谢谢你！|请告诉我。|我要知道。", "多谢！|好吗？"),
};

/**
 * A wording filled in, and sometimes dressed as people write: with a greeting, thanks, in small letters, without its last mark.
 * With `open` the text ends in what is to be used as it stands, so that nothing may follow.
 */
export function ask(
  random: Random,
  split: Split,
  language: Language,
  wordings: Lists,
  values: Readonly<Record<string, string | number>>,
  open = false,
): string {
  let wording = loosened(random, split, language, pick(random, wordings[language][split]));
  if (chance(random, 0.12) && /^[A-Z][a-z']/.test(wording)) wording = wording[0]!.toLowerCase() + wording.slice(1);
  if (chance(random, 0.12) && !open) wording = wording.replace(/[.?。？]$/, "");
  if (chance(random, 0.08) && /[.?]$/.test(wording))
    wording = wording.replace(/[.?]$/, (mark) => pick(random, [` ${mark}`, "!", "??", "..."]));
  if (chance(random, 0.18)) {
    const before = pick(random, BEFORE[language][split]);
    // Lists trim their entries; in English a space belongs here.
    wording = language === "en" ? `${before} ${wording}` : before + wording;
  }
  if (!open && chance(random, 0.12)) wording += (language === "en" ? " " : "") + pick(random, AFTER[language][split]);
  return fill(wording, values);
}
