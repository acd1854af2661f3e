import { halves } from "../split.ts";
import { arithmetic } from "./arithmetic.ts";

export const subtraction = arithmetic("subtraction", "-", {
  en: halves(
    `{a}-{b}|{a} - {b}|{a}-{b}=|{a}-{b}=?|{a} - {b} = ?|What is {a}-{b}?|What is {a} - {b}?|What is {a} minus {b}?|What's {a} - {b}?|what is {a} minus {b}|
    What is {b} less than {a}?|How much is {a} - {b}?|What is {a} take away {b}?|Subtract {b} from {a}.|subtract {b} from {a}|Take {b} from {a}.|Take {b} away from {a}.|
    Compute {a} - {b}.|Calculate {a} - {b}.|Find {a} minus {b}.|{a} minus {b}|{a} minus {b}?|Tell me {a} minus {b}.|Work out {a} - {b}.|
    Can you tell me what {a} - {b} is?|Could you subtract {b} from {a}?|Decrease {a} by {b}.|Hello! What is {a} - {b}?|What is left if you take {b} from {a}?|
    Please tell me {a} minus {b}.|From {a}, take {b}.|
    the difference of {a} and {b}|What is the difference of {a} and {b}?|{a} less {b}|{a} take away {b}|What does {a} - {b} equal?|What does {a} minus {b} make?|
    If you subtract {b} from {a}, what do you get?|Give me {a} - {b}.|Solve {a} - {b}.|Solve: {a}-{b}|Evaluate {a} - {b}.|{a} - {b} equals?|{a} - {b} is?|
    {b} subtracted from {a}|Let x = {a} - {b}. What is x?|Do you know {a} minus {b}?|I need {a} minus {b}.|calculate {a}-{b}|How much is left of {a} without {b}?|
    What remains when {b} is taken from {a}?|Remove {b} from {a}. What is left?|Reduce {a} by {b}.|How much is {a} less {b}?`,
    `Calculate {a} minus {b}.|Please subtract {b} from {a}|How much is {a} minus {b}?|what's {a} take away {b}|Can you take {b} from {a} for me?|{a} - {b} =|
    Please compute {a} - {b}|What is the difference {a} - {b}?`,
  ),
  zh: halves(
    `{a}-{b}|{a}-{b}=|{a}-{b}=?|{a}减{b}是多少？|{a}-{b}是多少？|{a}减{b}等于几？|{a}-{b}等于多少？|请算{a}-{b}。|请算{a}减{b}。|{a}减去{b}是多少？|算一算{a}减{b}|{a}和{b}的差是多少？|{a}减{b}|{a}减{b}得多少？|求{a}-{b}|计算{a}-{b}|{a}与{b}的差|从{a}里减去{b}是多少？|{a} - {b}等于？|你知道{a}减{b}是多少吗？`,
    `请问{a}减{b}等于多少？|{a} - {b} = ?|{a}-{b}等于几？|请算一下{a}减去{b}。`,
  ),
});
