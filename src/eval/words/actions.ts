import { type Halves, halvesOf } from "../split.ts";

/** What tools do, and to what: the English word in their names, the Chinese one in Chinese descriptions and requests. */
export type Bilingual = readonly [en: string, zh: string];

export const VERBS: Halves<Bilingual> = halvesOf<Bilingual>(
  [
    ["find", "找"],
    ["book", "订"],
    ["send", "发"],
    ["open", "打开"],
    ["close", "关"],
    ["count", "数"],
    ["add", "加"],
    ["list", "列出"],
    ["move", "移"],
    ["buy", "买"],
    ["sell", "卖"],
    ["get", "拿"],
  ],
  [
    ["read", "读"],
    ["make", "做"],
    ["save", "存"],
    ["check", "查"],
    ["stop", "停"],
    ["show", "看"],
  ],
);

export const NOUNS: Halves<Bilingual> = halvesOf<Bilingual>(
  [
    ["room", "房间"],
    ["ticket", "票"],
    ["letter", "信"],
    ["door", "门"],
    ["book", "书"],
    ["order", "单"],
    ["lamp", "灯"],
    ["song", "歌"],
    ["file", "文件"],
    ["train", "火车"],
    ["fish", "鱼"],
  ],
  [
    ["map", "图"],
    ["car", "车"],
    ["note", "本"],
    ["clock", "钟"],
    ["table", "桌子"],
    ["flower", "花"],
  ],
);
