import { halves, type Lists } from "../split.ts";

/** Parts of sentences that say nothing anyone asks for: who, what they do, where. */
export const FILLER: Readonly<Record<"who" | "does" | "where", Lists>> = {
  who: {
    en: halves(
      "The grey boat|An old man|The small dog|A child|The teacher|My friend|The river|A white bird|The king|Her brother|The wind|A young woman",
      "The blue cart|A farmer|The sailor|An old cat|The doctor|His sister",
    ),
    zh: halves("小鱼|大鸟|小狗|大人|老人|白云", "小猫|大马|月亮"),
  },
  does: {
    en: halves(
      "waits|sleeps|walks|sings|rests|turns|looks around|stands still|runs|talks about the weather|reads a letter|counts the stars",
      "works|laughs|stops|plays|thinks about the sea|eats",
    ),
    zh: halves("走|看书|唱歌|等|吃果子|看云", "跑|画画|说话"),
  },
  where: {
    en: halves(
      "near the old mill|in the garden|by the sea|under the bridge|in the green house|behind the hill|at the market|on the long road|in the morning|before the rain",
      "in the valley|at the station|near the lake|after dinner|on the roof",
    ),
    zh: halves("在山上|在河边|在店里|在门口|在花园里", "在海边|在车里|在学校"),
  },
};
