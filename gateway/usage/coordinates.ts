/** Which elements of a schema an operation uses, each under its schema coordinate. */
export interface Coordinates {
  /** `Product.name` */
  readonly fields: readonly string[];
  /** `Query.products.category`: those that were sent. */
  readonly arguments: readonly string[];
  /** `ProductFilter.maxPriceMinor`: those that were sent. */
  readonly inputFields: readonly string[];
  /** `ProductSort.PRICE`: those that were sent. */
  readonly enumValues: readonly string[];
}

/** Collects them, each once. */
export class CoordinateSet {
  readonly fields = new Set<string>();
  readonly arguments = new Set<string>();
  readonly inputFields = new Set<string>();
  readonly enumValues = new Set<string>();

  copy(): CoordinateSet {
    const copy = new CoordinateSet();
    for (const name of ['fields', 'arguments', 'inputFields', 'enumValues'] as const) {
      for (const coordinate of this[name]) copy[name].add(coordinate);
    }
    return copy;
  }

  toCoordinates(): Coordinates {
    return {
      fields: [...this.fields].sort(),
      arguments: [...this.arguments].sort(),
      inputFields: [...this.inputFields].sort(),
      enumValues: [...this.enumValues].sort(),
    };
  }
}
