/**
 * Finds the first of many fixed strings in text that arrives unit by unit (Aho–Corasick).
 * One step per UTF-16 unit, whatever the patterns: a megabyte of `<` or of almost-tags costs the same as prose, and where the text was
 * cut into chunks cannot matter. The depth of the current node is the longest tail that may still become a pattern: exactly what a
 * streaming parser must hold back, and no more.
 */
export interface FinderNode<P> {
  /** Units of the text's tail that are a beginning of some pattern. */
  readonly depth: number;
  /** The longest pattern that ends here. */
  readonly hit?: P;
}

interface Node<P> extends FinderNode<P> {
  readonly next: Map<number, Node<P>>;
  fail?: Node<P>;
  hit?: P;
}

export class PatternFinder<P extends { readonly text: string }> {
  readonly root: FinderNode<P>;

  constructor(patterns: readonly P[]) {
    const root: Node<P> = { depth: 0, next: new Map() };
    for (const pattern of patterns) {
      let node = root;
      for (let i = 0; i < pattern.text.length; i++) node = child(node, pattern.text.charCodeAt(i));
      node.hit = pattern;
    }
    const queue: Node<P>[] = [root];
    for (const node of queue) {
      for (const [unit, next] of node.next) {
        next.fail = node === root ? root : (step(node.fail!, unit) as Node<P>);
        const shorter = next.fail.hit;
        if (next.hit === undefined && shorter !== undefined) next.hit = shorter;
        queue.push(next);
      }
    }
    this.root = root;
  }

  /** The node after one more unit. After a hit, start again from `root`: patterns do not overlap. */
  step(node: FinderNode<P>, unit: number): FinderNode<P> {
    return step(node as Node<P>, unit);
  }
}

function child<P>(node: Node<P>, unit: number): Node<P> {
  let next = node.next.get(unit);
  if (next === undefined) node.next.set(unit, (next = { depth: node.depth + 1, next: new Map() }));
  return next;
}

function step<P>(node: Node<P>, unit: number): Node<P> {
  for (;;) {
    const next = node.next.get(unit);
    if (next !== undefined) return next;
    if (node.fail === undefined) return node;
    node = node.fail;
  }
}
