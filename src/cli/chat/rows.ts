/** Rows that text takes on a terminal of this many columns, so that it can be taken away again. */
export function rowsOf(text: string, columns: number): number {
  return text.split("\n").reduce((rows, line) => rows + Math.max(1, Math.ceil(width(line) / columns)), 0);
}

// Chinese, Japanese, Korean, full-width forms and emoji take two columns; combining marks none.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\p{Unified_Ideograph}/u;
const TAB = 8;

function width(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === "\t") columns += TAB - (columns % TAB);
    else if (!/\p{Mark}|\p{Default_Ignorable_Code_Point}/u.test(char)) columns += WIDE.test(char) ? 2 : 1;
  }
  return columns;
}
