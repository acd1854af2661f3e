/** Numbers and tables for people. */

/** 1234567 → "1,234,567". */
export const grouped = (n: number): string => n.toLocaleString("en-US");

const scaled = (n: number, units: readonly string[]): string => {
  let i = 0;
  while (Math.abs(n) >= 999.5 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  const digits = i === 0 || Math.abs(n) >= 100 ? 0 : Math.abs(n) >= 10 ? 1 : 2;
  return `${n.toFixed(digits)} ${units[i]}`.trimEnd();
};

/** Decimal units, as on disks and in model cards: 159609485896 → "160 GB". */
export const bytes = (n: number): string => scaled(n, ["B", "kB", "MB", "GB", "TB", "PB"]);
export const flops = (n: number): string => scaled(n, ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP", "ZFLOP"]);
/** 290944616402 → "291 B" parameters. */
export const parameters = (n: number): string => scaled(n, ["", "K", "M", "B", "T"]);

export const percent = (ratio: number): string => `${(100 * ratio).toFixed(ratio < 0.1 ? 1 : 0)} %`;
export const plural = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;

/** Lines of aligned columns: the first to the left, numbers to the right ("l" and "r" per column). */
export function table(rows: readonly (readonly string[])[], align: string, indent = "  "): string[] {
  const widths = [...align].map((_, c) => Math.max(...rows.map((row) => (row[c] ?? "").length)));
  const cell = (text: string, c: number) => (align[c] === "r" ? text.padStart(widths[c]!) : text.padEnd(widths[c]!));
  return rows.map((row) => (indent + row.map(cell).join("  ")).trimEnd());
}
