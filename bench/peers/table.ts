/** Columns as wide as their widest cell: the first and last to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const last = rows[0]!.length - 1;
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : column === last ? cell : cell.padStart(widths[column]!)))
      .join("  ");
  return rows.map(line).join("\n");
}
