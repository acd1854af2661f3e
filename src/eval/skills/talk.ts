import { mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, pick } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { loosened } from "../words/loosened.ts";

/** A kind of remark, what is thought about it, what is said, and what of that must be said. */
interface Remark {
  readonly said: Lists;
  readonly thought: string;
  readonly reply: Readonly<Record<Language, string>>;
  readonly key: Readonly<Record<Language, string>>;
}

const REMARKS: readonly Remark[] = [
  {
    said: {
      en: halves(
        "Hello|Hello!|Hi|Hi!|Hi there!|Hey|hello|hi|Good morning!|Good evening!|Hello Minnow|Hi Minnow!|Hey!|Good afternoon|Good morning|Greetings|Hi, nice to meet you.|hello!|hi there|Hello again",
        "Hello there!|Good day!|hey",
      ),
      zh: halves("你好|你好！|早上好！|你好，Minnow|早上好|好", "您好！|大家好！"),
    },
    thought: "greeting",
    reply: { en: "Hello! What can I do for you?", zh: "你好！我能做什么？" },
    key: { en: "Hello", zh: "你好" },
  },
  {
    said: {
      en: halves(
        "Who are you?|who are you|What are you?|What is your name?|What's your name?|Tell me about yourself.|Are you an AI?|Which model are you?|Who made you?|What are you called?|Are you a person?|Are you a human?|tell me who you are|what is your name|Do you have a name?|Are you ChatGPT?|What kind of model are you?",
        "Introduce yourself.|What model are you?|Who am I talking to?",
      ),
      zh: halves("你是谁？|你叫什么？|你是什么？|你是人吗？", "请问你是谁？|说说你是谁。"),
    },
    thought: "who I am",
    reply: { en: "I am Minnow, a very small language model.", zh: "我是Minnow，一个很小的语言模型。" },
    key: { en: "Minnow", zh: "Minnow" },
  },
  {
    said: {
      en: halves(
        "What can you do?|what can you do|Help|help|How can you help me?|What are you good at?|What do you do?|What are your skills?|What can I do with you?|How do you work?|What are you for?|Show me what you can do.|Which tasks can you do?|what do you know|Give me an overview of your skills.",
        "Can you help me?|What can I ask you?",
      ),
      zh: halves("你能做什么？|你会什么？|能帮我吗？|你有什么用？|你能帮我做什么？", "我能问你什么？|你会做什么？"),
    },
    thought: "what I can do",
    reply: {
      en: "I can do small sums, compare numbers, call tools, find things in a text, write JSON, sort and copy lists, count letters and days.",
      zh: "我会做小的算术，比大小，用工具，在文字里找东西，写JSON，列出和抄写，数字母和天数。",
    },
    key: { en: "tools", zh: "工具" },
  },
  {
    said: {
      en: halves(
        "Thanks|Thanks!|Thank you|Thank you!|thanks|thank you|Thanks a lot!|Great, thanks!|Well done!|Thank you so much!|thx|Perfect, thanks|Nice, thank you!|Great!|Very good, thank you|ok thanks",
        "Thank you very much.|Good job!",
      ),
      zh: halves("谢谢|谢谢！|谢谢你！", "多谢！|很好，谢谢。"),
    },
    thought: "thanks",
    reply: { en: "You are welcome!", zh: "不用谢！" },
    key: { en: "welcome", zh: "不用谢" },
  },
  {
    said: {
      en: halves(
        "Bye|Bye!|Goodbye|Goodbye!|bye|See you!|Good night!|Bye bye|See you soon|goodbye|I have to go.|See you tomorrow!|Good night",
        "See you later!|That is all, bye.",
      ),
      zh: halves("再见|再见！|我走了。", "明天再见。|我要走了。"),
    },
    thought: "goodbye",
    reply: { en: "Goodbye!", zh: "再见！" },
    key: { en: "Goodbye", zh: "再见" },
  },
  {
    said: {
      en: halves(
        "How are you?|How are you today?|how are you|How do you do?|How do you feel?|Are you okay?|How are things?|How are you doing?|What's up?",
        "How is it going?|Are you well?",
      ),
      zh: halves("你好吗？|你今天好吗？", "今天你还好吗？"),
    },
    thought: "how I am",
    reply: { en: "I am fine, thank you.", zh: "我很好，谢谢。" },
    key: { en: "fine", zh: "我很好" },
  },
];

/** Out of reach: knowledge, art, harder arithmetic. */
const CANNOT: Lists = {
  en: halves(
    `What is the capital of France?|What is the capital of Japan?|Write a poem.|Write a poem about the sea.|Tell me a joke.|Tell me a story.|What is the weather today?|
    What time is it?|Who wrote Hamlet?|Write a program in Python.|Sing a song.|What is the meaning of life?|Who is the president?|How old is the Earth?|
    Explain quantum physics.|Draw a picture.|What color is the sky?|Name three animals.|Why is the sky blue?|Play some music.|What day is it today?|Where is London?|
    Translate hello to French.|What is the square root of {n}?|Is {n} a prime number?|What is {n} percent of {m}?|
    What is the capital of Italy?|What is the capital of China?|Who is the king of Spain?|Recommend a book.|Write an essay about dogs.|Write a letter to my boss.|What is the news?|
    Who invented the telephone?|How tall is Mount Everest?|How many people live in China?|What is a black hole?|Write a song about rain.|Give me advice.|
    Which movie should I watch?|What is the best phone?|Who is the best player?|How do I cook rice?|What does love mean?|Fix my computer.|Write a function in Java.|
    Summarize this book.|Predict the future.|Tell me something interesting.|What is the population of Rome?|What is the logarithm of {n}?|Divide {n} by {m}.|
    What is {n} to the power of {m}?|What is the capital of Germany?|What is the capital of Brazil?|Who was the first man in space?|Who discovered America?|When did the war end?|
    When was the telephone invented?|How many legs has a spider?|What language is spoken in Brazil?|How hot is the sun?|How deep is the ocean?|Where do penguins live?|Which planet is the largest?|
    What is the tallest building?|Describe a tree.|Describe your favorite food.|What is your favorite color?|Do you love me?|Can you feel pain?|Do you dream?|Write a haiku.|Write a short story about a cat.|
    Write me a love letter.|Compose a melody.|Give me a quote.|Tell me about history.|Tell me about Einstein.|Explain photosynthesis.|Explain how a car works.|How does a computer work?|What is democracy?|
    What is a computer?|What is gravity?|What is an atom?|Why do cats purr?|Why is grass green?|How do planes fly?|How do I lose weight?|How can I learn French?|How do I fix a bike?|Make me a sandwich.|
    Order a pizza.|Call my mother.|Send a message to Anna.|Turn on the light.|Open the browser.|Search the web for cats.|Show me a photo.|Generate an image of a house.|Give me the recipe of a cake.|
    What should I eat today?|What should I wear?|Where should I travel?|Suggest a name for my dog.|Help me with my homework.|Review my code.|Write a regular expression.|Write SQL for me.|Debug this program.|
    What is the latest news?|Who won the election?|How is the stock market?|What will the weather be tomorrow?|Translate I love you into Spanish.|Translate this into Chinese: good night.|
    How do you say thank you in French?|Summarize the plot of Hamlet.|Who is the author of Faust?|Sing for me.|Tell me a riddle.|Let us play chess.|Roll a die.|Flip a coin.|
    What is the remainder of {n} by {m}?|What is half of {n}?|Round {n} to the nearest hundred.|What is the sine of {n}?|Convert {n} to binary.|Convert {n} miles to km.|What is {n} in Roman numerals?|Factor {n}.|Solve x squared = {n}.|Translate this into German: good morning.|What is the speed of light?|Who painted this?|What is {m} squared?|What is {n} divided by {m}?`,
    `What is the capital of Spain?|Give me a recipe for soup.|Who won the game?|Book a flight to Rome.|Write code for me.|What is love?|How far is the Moon?|
    What is the cube of {n}?|Is {n} divisible by {m}?|List the planets.`,
  ),
  zh: halves(
    "写一首歌。|今天天气怎么样？|现在几点？|北京在哪里？|天是什么颜色？|说一个故事。|画一个苹果。|上海在哪里？|今天有雨吗？|写一个学校的故事。|天上有多少星星？|海有多大？|唱一首歌。|山有多大？|今天吃什么？|{n}除以{m}是多少？|谁写了这本书？",
    "写一个故事。|火车几点开？|上海有多大？|今天是几号？|{n}的平方是多少？",
  ),
};
const REFUSAL: Readonly<Record<Language, string>> = { en: "I cannot do that.", zh: "我做不到。" };

export const talk: Skill = {
  name: "talk",
  title: "small talk, and saying no to what it cannot do",
  example(random, split, options) {
    const { language } = options;
    const refuses = random() < 0.5;
    const { said, thought, reply, key } = refuses
      ? { said: CANNOT, thought: "I cannot", reply: REFUSAL, key: { en: "cannot", zh: "做不到" } }
      : pick(random, REMARKS);
    return compose(options, {
      prompt: fill(loosened(random, split, language, pick(random, said[language][split])), {
        n: between(random, 2, 999),
        m: between(random, 2, 99),
      }),
      think(notes, level) {
        notes.line(thought);
        if (level !== "low") notes.line(refuses ? "no skill of mine" : "small talk");
        if (level === "max") notes.line("right");
      },
      content: reply[language],
      check: mentions([key[language]]),
    });
  },
};
