import { between, chance, pick, type Random } from "../draw.ts";
import type { Language } from "../skill.ts";
import { entries } from "../split.ts";

/** What is one token each in Minnow's vocabulary, or a token with a part of the next character. */
export const PIECES: Readonly<Record<Language, readonly string[]>> = {
  en: entries(
    `ab|able|Absolute|absolutely|ac|ace|ad|adversarial|after|again|against|ail|ain|al|all|alls|alse|alternative|AM|am|AME|ame|ament|amental|
    ameter|an|and|angles|answer|any|ar|arameter|arameters|are|ari|arial|arios|arr|arry|as|ason|asoning|ass|assumption|at|ate|ath|ather|aths|
    ation|aus|austive|av|aving|ax|ay|ays|be|ber|beration|Beyond|bject|ble|blem|bo|boolean|borrow|bsol|bsolute|bsolutely|by|can|carry|cas|cases|
    caus|causal|cause|ce|certain|cess|ch|chain|chan|chance|check|checked|chem|chemas|cit|ck|co|comp|components|compre|comprehensively|con|
    considered|cover|covered|ct|ctly|cum|cument|cuts|day|de|dec|decompose|deli|deliberation|dep|depend|dependent|dependently|depth|der|dered|di|
    dis|discovered|Do|do|document|documenting|ds|ean|ec|eck|ed|edge|ee|Effort|el|elp|em|en|enarios|end|ensure|ent|entire|ents|ep|er|ere|error|
    ertain|es|esis|ess|estion|et|every|Ex|ex|exhaustive|exhaustively|Expli|Explicit|Explicitly|ey|eyond|face|false|ff|ffort|follow|following|For|
    for|from|ft|fter|fund|fundamental|gain|ge|ger|gh|gles|ha|haustive|have|help|hen|hensive|hensively|How|ht|hund|hundred|hundreds|hypothesis|ic|
    ied|If|if|ified|il|im|imum|in|ind|independently|ing|ink|inking|integer|inter|intermediate|into|ir|is|ise|ising|ist|it|ite|item|ith|its|jec|
    ject|jected|JSON|ke|keep|la|le|leaving|left|lent|lentless|les|less|li|lo|lock|log|logic|low|ly|lying|mall|man|many|mat|max|maximum|me|med|
    medi|mediate|mit|mitted|more|most|mp|mptom|multi|multiple|MUST|na|name|native|ne|no|not|nothing|number|object|ode|of|ok|ol|ollow|om|omp|
    ompose|omprom|ompromising|ON|on|ond|onents|ones|ong|oo|ool|oolean|or|ore|oro|orough|orous|orously|orrow|ort|ortcuts|os|ose|ost|ot|oth|
    othesis|ou|oul|out|ow|paths|per|permitted|perties|ple|pli|po|pon|ponse|potential|pro|problem|process|properties|qu|question|qui|quired|
    rather|Re|re|reason|Reasoning|reasoning|red|rejected|relentless|rem|remain|remains|required|resolve|ri|rictly|rig|right|rigor|rigorously|
    ring|ro|rom|root|roperties|ror|row|sarial|sc|scenarios|se|sh|shortcuts|si|sidered|sive|so|sol|solution|solve|SON|ss|ST|st|step|stop|stre|
    stress|strictly|string|su|sur|sure|surface|swer|sy|symptom|tain|te|ted|teger|ten|tens|tenti|tential|tep|ter|ternative|test|Th|th|than|that|
    The|the|ther|thing|thinking|this|thorough|ti|ties|til|tion|tire|tive|to|tom|Tool|tool|top|tr|trace|type|ue|ugh|ul|ulti|um|umber|ump|umption|
    un|unc|unchecked|uncompromising|und|under|underlying|undiscovered|until|ur|us|user|UST|ut|ute|ution|utm|utmost|uts|ve|ver|verified|versarial|
    very|vo|voke|wer|Wh|What|with|wri|write|xt|You|you|your|yp|ype|ypothesis|ys`,
  ),
  zh: entries(
    `上|下|个|书|事|云|人|人在|今|今天|今天早上|去|友|口|园|在|在家|在山上|在店|大|大树|大树下|天|天上|天上的|天上的星星|子|字|学|学校|小|小狗|小鱼|师|我|我的|我的朋|我的朋友|
    房|房间|故|故事|早|早上|明|明天|星|星星|是|有|朋|来|来跑|来跑去|果|果子|案|案是|歌|水|河|河水|河边|火|火车|白|白云|的|看|看书|看云|等|答|答案是|老|老师|花|花园|说|
    说故事|走|跑|跑来跑去|路|路边|边|里|门|门口|饭`,
  ),
};

/**
 * A word of one or two pieces. Many pieces stand in one word only, and some only in what is never an answer (`bject` in "object"): a model
 * that has not once written a token cannot write "subject" either.
 */
export const wordOfPieces = (random: Random): string => oneOrTwo(random, () => pick(random, PIECES.en));

/** The same in Chinese, among other characters. */
export const charactersOfPieces = (random: Random, other: () => string): string =>
  oneOrTwo(random, () => (chance(random, 0.4) ? other() : pick(random, PIECES.zh)));

const oneOrTwo = (random: Random, draw: () => string): string => Array.from({ length: between(random, 1, 2) }, draw).join("");
