import { ACCOUNTS } from "./families/accounts.ts";
import { CODE } from "./families/code.ts";
import { FILES } from "./families/files.ts";
import { HEALTH } from "./families/health.ts";
import { HOME } from "./families/home.ts";
import { KNOWLEDGE } from "./families/knowledge.ts";
import { MEDIA } from "./families/media.ts";
import { MESSAGES } from "./families/messages.ts";
import { MONEY } from "./families/money.ts";
import { SHOP } from "./families/shop.ts";
import { TRAVEL } from "./families/travel.ts";
import { WORK } from "./families/work.ts";
import type { Family } from "./family.ts";

export const TRAIN_FAMILIES: readonly Family[] = [
  ...HOME,
  ...FILES,
  ...TRAVEL,
  ...MONEY,
  ...MESSAGES,
  ...MEDIA,
  ...HEALTH,
  ...WORK,
  ...SHOP,
  ...KNOWLEDGE,
  ...ACCOUNTS,
  ...CODE,
];
