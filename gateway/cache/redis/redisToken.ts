/** Permission to store one record in Redis, and the lease that it is loaded under, if it has one. */
export class RedisToken {
  declare readonly __brand: 'FillToken';
  #leaseId: string | undefined;

  constructor(
    readonly key: string,
    readonly incarnation: string,
    readonly sequence: string,
    leaseId?: string,
  ) {
    this.#leaseId = leaseId;
  }

  /** For whoever gives the lease back: nobody is given it twice. */
  takeLeaseId(): string | undefined {
    const leaseId = this.#leaseId;
    this.#leaseId = undefined;
    return leaseId;
  }
}
