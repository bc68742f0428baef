/** Who acknowledged a write: one of the gateways, or the database itself. */
export type Acknowledger = number | 'database';

interface ProductHistory {
  issued: number;
  /** By version: when its write was acknowledged, and by whom. */
  readonly acks: ({ readonly at: number; readonly by: Acknowledger } | undefined)[];
  /** By gateway: the newest version that it has acknowledged. */
  readonly newestOf: number[];
}

/** What a read has to answer for, taken down when it starts. */
export interface ReadStart {
  readonly gateway: number;
  readonly at: number;
  /** By product: the newest version that this gateway had acknowledged by then. */
  readonly floors: readonly number[];
}

export interface Violation {
  readonly what: 'older than acknowledged here' | 'never written' | 'missing';
  readonly product: number;
  readonly seen: number | undefined;
  readonly expected: number;
  readonly read: string;
  readonly gateway: number;
  /** When the read started, in ms of this process. */
  readonly at: number;
}

/**
 * What was written when, and acknowledged by whom. Each product is written by one writer at a time, and its price is
 * the number of its version, so that whoever reads a price knows how old it is.
 */
export class WriteHistory {
  readonly violations: Violation[] = [];
  readonly #products: readonly ProductHistory[];
  /** By write and reading gateway: the longest that a read started after the acknowledgement and saw what was before. */
  readonly #staleMs = new Map<string, number>();
  #staleReads = 0;

  constructor(products: number, gateways: number) {
    this.#products = Array.from({ length: products }, () => ({
      issued: 1,
      acks: [],
      newestOf: Array.from({ length: gateways }, () => 1),
    }));
  }

  /** Reads that saw an older value at a gateway that had not acknowledged the newer one. */
  get staleReads(): number {
    return this.#staleReads;
  }

  latest(product: number): number {
    return this.#of(product).issued;
  }

  /** @returns the version to write; called before it is sent */
  issue(product: number): number {
    return ++this.#of(product).issued;
  }

  acknowledge(product: number, version: number, by: Acknowledger): void {
    const { acks, newestOf } = this.#of(product);
    acks[version] = { at: performance.now(), by };
    if (by !== 'database') newestOf[by] = version;
  }

  /** From now on every gateway has to have everything. */
  settle(): void {
    for (const { newestOf, issued } of this.#products) newestOf.fill(issued);
  }

  startRead(gateway: number, products: readonly number[]): ReadStart {
    const floors: number[] = [];
    for (const product of products) floors[product] = this.#of(product).newestOf[gateway] as number;
    return { gateway, at: performance.now(), floors };
  }

  /**
   * @param read what was asked, for the report
   * @param seen the version; `undefined` when the product was not in the answer
   * @param absentAbove it may be missing when its version can be above this
   */
  judge(
    start: ReadStart,
    read: string,
    product: number,
    seen: number | undefined,
    absentAbove?: number,
  ): void {
    const { issued } = this.#of(product);
    const expected = start.floors[product] as number;
    const violation = (what: Violation['what']) =>
      this.violations.push({ what, product, seen, expected, read, gateway: start.gateway, at: start.at });
    if (seen === undefined) {
      if (absentAbove === undefined || issued <= absentAbove) violation('missing');
    } else if (seen > issued) violation('never written');
    else if (seen < expected) violation('older than acknowledged here');
    else this.#noteStaleness(start, product, seen);
  }

  /** In ms, one for each write that this gateway did not acknowledge itself; 0 when no read saw what was before. */
  stalenessOf(kind: 'other gateway' | 'database', reader: number): number[] {
    return this.#products.flatMap(({ acks }, product) =>
      acks.flatMap((ack, version) =>
        ack === undefined || ack.by === reader || (ack.by === 'database') !== (kind === 'database')
          ? []
          : [this.#staleMs.get(`${product} ${version} ${reader}`) ?? 0],
      ),
    );
  }

  #noteStaleness({ gateway, at }: ReadStart, product: number, seen: number): void {
    const { acks } = this.#of(product);
    let isStale = false;
    for (let version = seen + 1; version < acks.length; version++) {
      const ack = acks[version];
      if (ack === undefined || ack.at >= at) break;
      isStale = true;
      const key = `${product} ${version} ${gateway}`;
      this.#staleMs.set(key, Math.max(this.#staleMs.get(key) ?? 0, at - ack.at));
    }
    if (isStale) this.#staleReads += 1;
  }

  #of(product: number): ProductHistory {
    return this.#products[product] as ProductHistory;
  }
}
