import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/support/until.js';

/** An alert, and what its labels have to be. */
export interface Sought {
  readonly alert: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

const POLL_MS = 1_000;

/** What a Prometheus says of its alerts. */
export class AlertWatch {
  readonly #url: string;

  constructor(prometheusUrl: string) {
    this.#url = prometheusUrl;
  }

  async isFiring({ alert, labels = {} }: Sought): Promise<boolean> {
    const response = await fetch(`${this.#url}/api/v1/alerts`);
    const { data } = (await response.json()) as { data: { alerts: readonly Alert[] } };
    return data.alerts.some(
      (one) =>
        one.state === 'firing' &&
        one.labels['alertname'] === alert &&
        Object.entries(labels).every(([name, value]) => one.labels[name] === value),
    );
  }

  /** @returns seconds that it took @throws when it takes longer than that */
  async becomes(firing: boolean, sought: Sought, withinMs: number): Promise<number> {
    const beganAt = performance.now();
    await until(
      `${sought.alert} ${firing ? 'fires' : 'is over'}`,
      async () => {
        if ((await this.isFiring(sought)) === firing) return true;
        await sleep(POLL_MS);
        return false;
      },
      withinMs,
    );
    return (performance.now() - beganAt) / 1000;
  }

  /** The first number of an answer, 0 where there is none. */
  async number(query: string): Promise<number> {
    const response = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as {
      data: { result: readonly { value: readonly [number, string] }[] };
    };
    const value = Number(data.result[0]?.value[1] ?? 0);
    return Number.isNaN(value) ? 0 : value;
  }

  /** The shipped `for` of each alert, in seconds. */
  async holdSeconds(): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(`${this.#url}/api/v1/rules?type=alert`);
    const { data } = (await response.json()) as {
      data: { groups: readonly { rules: readonly { name: string; duration: number }[] }[] };
    };
    return new Map(data.groups.flatMap(({ rules }) => rules.map(({ name, duration }) => [name, duration])));
  }
}
