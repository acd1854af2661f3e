/** A wording with its blanks filled: `{name}` becomes `values.name`. A blank without a value is a mistake in the wording. */
export function fill(wording: string, values: Readonly<Record<string, string | number>>): string {
  return wording.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (!Object.hasOwn(values, name)) throw new RangeError(`nothing fills {${name}} in ${JSON.stringify(wording)}`);
    return String(values[name]);
  });
}

/** The word with a capital first letter. */
export const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
