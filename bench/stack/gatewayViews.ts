import { setTimeout as sleep } from 'node:timers/promises';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { until } from '../../test/support/until.js';
import type { Stack } from './startStack.js';

export const GATEWAYS = ['gateway-1', 'gateway-2', 'gateway-3'];
/** Far longer than a breaker stays open (`breaker.maxOpenMs`): a trial needs a request that comes along. */
const BREAKERS_TIMEOUT_MS = 60_000;
const POLL_MS = 250;

/** Of the supergraph, by each gateway. */
export async function servedVersions(stack: Stack): Promise<number[]> {
  const texts = await metricsOf(stack);
  return texts.map((text) => Number(/^headgate_registry_version (\d+)$/m.exec(text)?.[1]));
}

/** Resolves when no gateway has a circuit breaker that is not closed. */
export async function untilNothingIsLeftAlone(stack: Stack): Promise<void> {
  const isSo = async () => {
    if ((await metricsOf(stack)).every((text) => leftAlone(text) === 0)) return true;
    await sleep(POLL_MS);
    return false;
  };
  await until('the breakers of all gateways are closed', isSo, BREAKERS_TIMEOUT_MS);
}

function leftAlone(text: string): number {
  const samples = parsePrometheus(text).get('headgate_subgraph_endpoints')?.samples ?? [];
  return samples
    .filter(({ labels }) => labels['state'] !== 'closed')
    .reduce((sum, { value }) => sum + value, 0);
}

function metricsOf({ addresses }: Stack): Promise<string[]> {
  return Promise.all(
    GATEWAYS.map(async (name) => {
      const response = await fetch(`http://127.0.0.1:${addresses.port(`${name}:9464`)}/metrics`);
      return response.text();
    }),
  );
}
