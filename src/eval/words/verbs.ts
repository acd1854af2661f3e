import { entries, type Halves, halvesOf, type Lists } from "../split.ts";

/** What tools do, and to what: the English word in their names, the Chinese one in Chinese descriptions and requests. */
export type Bilingual = readonly [en: string, zh: string];

/** `find 找|book 订`; a word without a Chinese one is used in English only. */
export const bilingual = (text: string): readonly Bilingual[] =>
  entries(text).map((entry) => {
    const [en, zh] = entry.split(" ") as [string, string?];
    return [en, zh ?? ""];
  });

/** In Chinese those that have a Chinese word. */
export function bilingualLists(train: string, test: string): Lists<Bilingual> {
  const en: Halves<Bilingual> = halvesOf(bilingual(train), bilingual(test));
  const known = (list: readonly Bilingual[]) => list.filter(([, zh]) => zh !== "");
  return { en, zh: { train: known(en.train), test: known(en.test) } };
}

export const VERBS = bilingualLists(
  `find 找|book 订|send 发|open 打开|close 关|count 数|add 加|list 列出|move 移|buy 买|sell 卖|get 拿|give 给|write 写|look_up 找到|call 叫|start 开始|
  change 改|draw 画|remember 记|put 放|number 计算|say 说|sort 分|
  create|delete|update|fetch|load|set|reset|search|query|insert|append|remove|replace|rename|copy|paste|upload|download|sync|merge|split|join|filter|
  group|rank|score|rate|tag|label|mark|flag|lock|unlock|enable|disable|activate|pause|resume|restart|run|execute|build|deploy|compile|parse|format|validate|
  verify|test|scan|inspect|monitor|watch|track|log|record|report|print|publish|share|post|comment|reply|forward|notify|alert|remind|schedule|plan|cancel|
  confirm|approve|reject|accept|assign|invite|register|login|logout|connect|disconnect|attach|detach|mount|encrypt|decrypt|compress|extract|convert|
  translate|summarize|analyze|estimate|measure|weigh|compare|compute|predict|generate|render|resize|rotate|crop|play|mute|skip|order|pay|refund|charge|
  rent|borrow|return|reserve|deliver|ship|pack|collect|store|clean|wash|cook|bake|paint|repair|water|feed|light|heat|cool|lift|drop|push|pull|turn|
  choose|pick|browse|explore|import|export|archive|restore|backup|clear|refresh|subscribe|follow|block|ban|grant|revoke|hire|dismiss`,
  `read 读|make 做|save 存|check 查|stop 停|show 看|use 用|ask 问|take 取|
  edit|submit|launch|select|locate|transfer|purchase|repeat|inspire|review|evaluate|modify|configure|install|unpack|attend|arrange|adjust|dispatch|
  retrieve|acquire|combine|calculate|describe|explain|visit|guard|hide|warm|fold|rinse|polish|deposit|withdraw|escalate|duplicate|normalize|throttle|pin`,
);

/** Between verb and noun of a tool's name, in English. */
export const ADJECTIVES: Halves<string> = halvesOf(
  entries(
    `old|new|big|small|last|first|next|daily|weekly|public|private|active|local|remote|global|open|red|green|quick|deep|main|extra|empty|full|safe|
    shared|hidden|recent|urgent|final|spare|secret|broken|cheap|free|smart|silent|digital|summer|night|home|office|team|guest|test|cloud|super|mini`,
  ),
  entries("young|monthly|nearby|common|blue|early|central|rapid|heavy|fresh|blank|backup|personal|winter|city|master|pending"),
);
