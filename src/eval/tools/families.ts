import { type Halves, halvesOf } from "../split.ts";
import { TEST_FAMILIES } from "./families-test.ts";
import { TRAIN_FAMILIES } from "./families-train.ts";
import type { Family } from "./family.ts";

export const FAMILIES: Halves<Family> = halvesOf(TRAIN_FAMILIES, TEST_FAMILIES);
