/** Every Chinese character and mark that the skills use: few, so that a small vocabulary can have most of them as one token. */
export const CHINESE =
  "、。一三上下不东两个中为丽么之乘书买了事二于云五京亮人什今从以件会住你信倒做停元先六共关具再写减几出分列到加包北单卖南去又发口叫号吃后吗否听和哪唱四回园图土在场型城多大天好如始子字存学家对小少山工已市帮平店度开式很怎您想成我房手打找抄把拿放故数文方日早时明星是最月有期木本术来杯果查校样格案桌模次歌母比气水河津海温火灯点然牛狗猫现球瓜用画白的盒相看着知石码碗票移第等答算米红给绿羊老能色花苹茶蓝西要见言计订记词话语说请读谁谢走跑车边过还这道都里金钟长门问间除雨颜风首马鱼鸟！，：；？";
