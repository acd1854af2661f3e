import { halves, type Lists } from "../split.ts";

export const PEOPLE: Lists = {
  en: halves(
    `Tom|Anna|Ben|Mia|Sam|Lily|Max|Eva|Leo|Zoe|Jack|Nora|Ali|Ines|Omar|Kim|Raj|Sara|Paul|Lucy|Finn|Maria|John|Emma|Noah|Ada|Hugo|Ella|
    Adam|Amir|Andre|Anton|Aria|Asha|Astrid|Bella|Boris|Bruno|Carla|Cesar|Chen|Chloe|Clara|Daniel|David|Diego|Dora|Elena|Elias|Emil|Erik|Fatima|Felix|Fiona|
    Frank|Freya|George|Gina|Grace|Greta|Hana|Harry|Helen|Henry|Ian|Ida|Igor|Ingrid|Isaac|Jade|James|Jonas|Jose|Julia|Kai|Karl|Kate|Kenji|Lara|Lars|Laura|Lena|
    Liam|Lina|Linda|Louis|Luca|Luis|Maya|Mark|Marta|Mei|Milo|Mona|Nadia|Nina|Nils|Oscar|Pablo|Pia|Priya|Ravi|Rita|Robin|Sofia|Stella|Susan|Theo|Tina|Uma|
    Vera|Victor|Wei|Will|Yara|Yuki`,
    `Ivan|Rosa|Peter|Alice|Bob|Carol|Dave|Mary|Otto|Ruth|Agnes|Arthur|Beatrix|Cyrus|Dmitri|Edith|Farah|Gustav|Hector|Irene|Joaquin|Katrin|Leila|Magnus|
    Naomi|Olga|Percy|Quentin|Rahul|Sven|Tamara|Ulrich|Violet|Walter|Xenia|Yusuf|Zelda`,
  ),
  zh: halves("小明|小红|小丽|小文|大山|小花|小白|小云|大明|小平|小星|小东|小马", "小天|小月|大海|小雨|小金|大牛|小石|小风"),
};
