import { halves } from "../split.ts";
import { arithmetic } from "./arithmetic.ts";

export const addition = arithmetic("addition", "+", {
  en: halves(
    `{a}+{b}|{a} + {b}|{a}+{b}=|{a}+{b}=?|{a} + {b} = ?|What is {a}+{b}?|What is {a} + {b}?|What is {a} plus {b}?|What's {a} + {b}?|what is {a} plus {b}|
    What is the sum of {a} and {b}?|How much is {a} + {b}?|How much is {a} plus {b}?|How much are {a} and {b} together?|Add {a} and {b}.|Add {b} to {a}.|
    add {a} and {b}|Compute {a} + {b}.|Calculate {a} + {b}.|Calculate the sum of {a} and {b}.|Find the sum of {a} and {b}.|{a} plus {b}|{a} plus {b}?|
    Tell me {a} plus {b}.|Work out {a} + {b}.|Can you tell me what {a} + {b} is?|Could you add {a} and {b}?|Increase {a} by {b}.|Hello! What is {a} + {b}?|
    Please tell me the sum of {a} and {b}.|What do you get if you add {b} to {a}?|I have {a} and get {b} more. How many do I have?|
    {a} and {b} together?|{a} and {b} make how much?|sum of {a} and {b}|the sum of {a} and {b}|Sum: {a}, {b}|Add up {a} and {b}.|Add {a} + {b}|Total of {a} and {b}?|
    What is the total of {a} and {b}?|What do {a} and {b} add up to?|What does {a} + {b} equal?|What does {a} plus {b} make?|If you add {a} and {b}, what do you get?|
    Give me {a} + {b}.|Give the sum {a} + {b}.|Solve {a} + {b}.|Solve: {a}+{b}|Evaluate {a} + {b}.|{a} + {b} equals?|{a} + {b} is?|{a} added to {b}|
    What number is {b} more than {a}?|Let x = {a} + {b}. What is x?|Do you know {a} plus {b}?|I need the sum of {a} and {b}.|calculate {a}+{b}`,
    `Calculate {a} plus {b}.|Please add {a} and {b}|How much is {a} and {b} together?|what's {a} plus {b}|Can you add {a} and {b} for me?|{a} + {b} =|
    Please compute {a} + {b}|What is the sum {a} + {b}?`,
  ),
  zh: halves(
    `{a}+{b}|{a}+{b}=|{a}+{b}=?|{a}加{b}是多少？|{a}+{b}是多少？|{a}加{b}等于几？|{a}+{b}等于多少？|请算{a}+{b}。|请算{a}加{b}。|{a}和{b}的和是多少？|{a}加上{b}是多少？|算一算{a}加{b}|{a}和{b}加起来是多少？|{a}加{b}|{a}加{b}得多少？|求{a}+{b}|计算{a}+{b}|{a}与{b}的和|{a}和{b}一共是多少？|{a} + {b}等于？|你知道{a}加{b}是多少吗？`,
    `请问{a}加{b}等于多少？|{a} + {b} = ?|{a}+{b}等于几？|请算一下{a}和{b}的和。`,
  ),
});
