type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** An object without its undefined members, for options where absent and undefined are not the same. */
export const defined = <T extends object>(options: T): Defined<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
