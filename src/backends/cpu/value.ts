/** Numbers that a command writes and later ones read. */
export class Value {
  readonly bytes: number;
  /** Contents known beforehand (token ids, tables of addresses). */
  readonly constant: Uint8Array | undefined;
  /** Lies in a store, in this bank, at addresses the commands carry themselves. Absent: a place in the arena. */
  readonly storeBank: number | undefined;
  /** Among the values of the recording that is being written; -1 if it does not occur there. */
  number = -1;

  constructor(bytes: number, options: { constant?: Uint8Array; storeBank?: number } = {}) {
    this.bytes = bytes;
    this.constant = options.constant;
    this.storeBank = options.storeBank;
  }
}
