import type { AlertWatch, Sought } from './alertWatch.js';

export interface Fault {
  readonly what: string;
  /** One fault can be seen by several. */
  readonly alerts: readonly Sought[];
  begin(): Promise<void> | void;
  repair(): Promise<void> | void;
}

export interface Shown {
  readonly alert: string;
  readonly what: string;
  /** From the beginning of the fault. */
  readonly firedAfterS?: number;
  /** From its repair. */
  readonly clearedAfterS?: number;
  /** Why it is not shown. */
  readonly problem?: string;
}

/** Beyond the `for` of an alert: a window of five minutes that fills, scrapes, and a machine that has much to do. */
const FIRE_SLACK_MS = 8 * 60_000;
/** Windows of five minutes have to empty; queues as well. */
const CLEAR_MS = 15 * 60_000;

/** Makes faults, and looks whether Prometheus notices that they are there, and that they are over. */
export class Drill {
  readonly shown: Shown[] = [];
  readonly #watch: AlertWatch;
  readonly #holds: ReadonlyMap<string, number>;
  readonly #report: (line: string) => void;

  /** @param holds the `for` of those alerts that are to be shown, in seconds: faults of others are not made */
  constructor(watch: AlertWatch, holds: ReadonlyMap<string, number>, report: (line: string) => void) {
    this.#watch = watch;
    this.#holds = holds;
    this.#report = report;
  }

  wants(alert: string): boolean {
    return this.#holds.has(alert);
  }

  /** Ends when the last alert of the fault is over. @param patienceMs more than alerts are waited for as a rule */
  async run({ what, alerts: all, begin, repair }: Fault, patienceMs = 0): Promise<void> {
    const alerts = all.filter(({ alert }) => this.wants(alert));
    if (alerts.length === 0) return;
    const early = await this.#firing(alerts);
    this.#report(`fault: ${what}`);
    const began = performance.now();
    await begin();
    const fired = await Promise.all(alerts.map((sought) => this.#fired(sought, began, patienceMs)));
    this.#report(`repair: ${what}`);
    const repaired = performance.now();
    await repair();
    await Promise.all(
      alerts.map(async (sought, index) => {
        const { alert } = sought;
        const firedAfterS = fired[index];
        if (early.includes(alert))
          return this.#add({ alert, what, problem: 'it was firing before the fault' });
        if (firedAfterS === undefined) return this.#add({ alert, what, problem: 'it did not fire' });
        const cleared = await this.#watch.becomes(false, sought, CLEAR_MS).then(
          () => (performance.now() - repaired) / 1000,
          () => undefined,
        );
        if (cleared === undefined)
          return this.#add({ alert, what, firedAfterS, problem: 'it did not clear' });
        return this.#add({ alert, what, firedAfterS, clearedAfterS: cleared });
      }),
    );
  }

  async #firing(alerts: readonly Sought[]): Promise<readonly string[]> {
    const states = await Promise.all(alerts.map((sought) => this.#watch.isFiring(sought)));
    return alerts.flatMap(({ alert }, index) => (states[index] ? [alert] : []));
  }

  async #fired(sought: Sought, began: number, patienceMs: number): Promise<number | undefined> {
    const holdMs = (this.#holds.get(sought.alert) ?? 0) * 1000;
    return this.#watch.becomes(true, sought, holdMs + FIRE_SLACK_MS + patienceMs).then(
      () => {
        const seconds = (performance.now() - began) / 1000;
        this.#report(`${sought.alert} fires after ${seconds.toFixed(0)} s`);
        return seconds;
      },
      () => undefined,
    );
  }

  #add(shown: Shown): void {
    const { alert, problem, clearedAfterS } = shown;
    this.#report(`${alert}: ${problem ?? `over after ${clearedAfterS?.toFixed(0)} s`}`);
    this.shown.push(shown);
  }
}
