import { halves, type Lists } from "../split.ts";

/** Parts of sentences that say nothing anyone asks for: who, what they do, where. */
export const FILLER: Readonly<Record<"who" | "does" | "where", Lists>> = {
  who: {
    en: halves(
      `The grey boat|An old man|The small dog|A child|The teacher|My friend|The river|A white bird|The king|Her brother|The wind|A young woman|
      The baker|Our neighbor|A tired worker|The tall engineer|Nobody|Everyone|The project manager|The new server|A customer|The night train|His uncle|
      The committee|A group of students|The old clock|My grandmother|The driver|Someone|The cook|A yellow leaf|The team|Our guide|The museum|This street|
      The company|A black horse|The last guest|The report|Somebody|The first snow|An empty bus`,
      `The blue cart|A farmer|The sailor|An old cat|The doctor|His sister|The mayor|A lonely fox|The quiet printer|Our captain|The orchestra|A red kite|
      The department|Every visitor`,
    ),
    zh: halves(
      `小鱼|大鸟|小狗|大人|老人|白云|学生|老师|我的朋友|火车|河水|天上的星星|小红|大明|黄色的花|两个人|她的弟弟|我们|一个女孩|黑马|没有人|他|邻居|医生|新来的同学|那只鸡|下雪天|
      船长|三只羊|路人|王先生|公司|工人|这本书|你的妈妈|一只蝴蝶`,
      "小猫|大马|月亮|一个人|风",
    ),
  },
  does: {
    en: halves(
      `waits|sleeps|walks|sings|rests|turns|looks around|stands still|runs|talks about the weather|reads a letter|counts the stars|
      drinks a cup of tea|fixes a chair|was late again|has no time|writes a long report|buys fresh bread|opens the window|closes early|moves slowly|
      remembers the summer|is very quiet|paints the fence|carries a heavy bag|arrives at nine|left without a word|plans the next meeting|tells a story|
      checks the list twice|likes green apples|forgot the umbrella|feeds the birds|needs more light|changed a lot|makes a small mistake|stays for an hour`,
      `works|laughs|stops|plays|thinks about the sea|eats|repairs an old radio|whistles a tune|cleans the floor|dreams of mountains|has a cold|looks busy|
      sells flowers|returned home`,
    ),
    zh: halves(
      `走|看书|唱歌|等|吃果子|看云|写字|说故事|喝水|听歌|跑来跑去|做饭|睡觉|打电话|下棋|很高兴|洗衣服|想家|开会|种花|不说话|坐下|数星星|买票|学中文|回来了|站着|修车|哭了|找东西|
      喝茶|打开窗户|飞过去`,
      "跑|画画|说话|看天|买菜",
    ),
  },
  where: {
    en: halves(
      `near the old mill|in the garden|by the sea|under the bridge|in the green house|behind the hill|at the market|on the long road|in the morning|before the rain|
      in the office|next to the bakery|on the third floor|after the meeting|during the winter|in a small village|at the corner|every Tuesday|in the kitchen|
      across the street|for the first time|on a warm evening|between the trees|at the end of May|in front of the school|with great care|as usual|once a year|
      because of the noise|far from the city|in the old part of town|without any reason|next week|until midnight`,
      `in the valley|at the station|near the lake|after dinner|on the roof|along the canal|in early spring|at the airport|inside the tower|since yesterday|
      beside the fire|on the balcony|despite the cold`,
    ),
    zh: halves(
      `在山上|在河边|在店里|在门口|在花园里|在学校里|在家里|在大树下|今天早上|明天|在路边|在房间里|昨天晚上|在北京|在火车上|每天|在图书馆|下午三点|在楼上|和朋友一起|在桥上|
      冬天|在工厂|慢慢地|在窗边|星期天|在小村子里|在雨中|在城外|又一次|在地铁里|从早到晚`,
      "在海边|在车里|在学校|在桌子边|在市场上",
    ),
  },
};
