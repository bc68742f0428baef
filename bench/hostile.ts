import { setTimeout as sleep } from 'node:timers/promises';
import { composeSupergraph } from '../schema/composeSupergraph.js';
import { ITEMS_SCHEMA, pageId, pageRequest, SHELVES_SCHEMA } from './cache/pages.js';
import { ATTACKS, type Attack } from './hostile/attacks.js';
import { Cleanup } from './support/cleanup.js';
import { startGatewayProcess } from './support/gatewayProcess.js';
import { HttpConnection, postBytes } from './support/httpConnection.js';
import { startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const MB = 1024 * 1024;
const REQUESTS = 50;
/** What answers that wait may take together, and room for everything else. */
const MAX_HELD_BYTES = 400 * MB;
const LEFT_BYTES = 16 * MB;
/** After the last attacker has left. */
const REST_MS = 2_000;

/**
 * What slow and hostile clients hold of a gateway's memory, each kind at a gateway of its own with the defaults of
 * production, and what an ordinary client notices.
 * @throws when an ordinary request failed, one kind holds more than 400 MB, or leaves something behind
 */
export async function benchHostile(): Promise<string> {
  const rows: string[][] = [];
  const wrong: string[] = [];
  for (const attack of ATTACKS) {
    process.stderr.write(`${attack.name}\n`);
    const outcome = await suffer(attack);
    const heldBytes = outcome.heldBytes - outcome.beforeBytes;
    const leftBytes = outcome.afterBytes - outcome.beforeBytes;
    if (heldBytes > MAX_HELD_BYTES) wrong.push(`${attack.name}: held ${decimals(heldBytes / MB, 1)} MB`);
    if (leftBytes > LEFT_BYTES) wrong.push(`${attack.name}: left ${decimals(leftBytes / MB, 1)} MB`);
    rows.push([
      attack.name,
      `${outcome.connected} of ${outcome.count}`,
      decimals(heldBytes / MB, 1),
      decimals(outcome.peakRssBytes / MB, 0),
      decimals(leftBytes / MB, 1),
      decimals(outcome.medianMs, 1),
      decimals(outcome.maxMs, 1),
    ]);
  }
  const header = [
    ...['who', 'still connected', 'MB held', 'MB resident at most', 'MB left afterwards'],
    ...['others: median ms', 'max ms'],
  ];
  const report = `${machine()}\n\n${table(header, rows)}`;
  if (wrong.length > 0) throw new Error(`${report}\n\n${wrong.join('\n')}`);
  return report;
}

async function suffer(attack: Attack) {
  await using cleanup = new Cleanup();
  const subgraphs = cleanup.use(await startMeasured('bench/servers/pageSubgraphs.js', []));
  const { supergraphSdl } = composeSupergraph([
    { name: 'shelves', url: `${subgraphs.url}/shelves`, typeDefs: SHELVES_SCHEMA },
    { name: 'items', url: `${subgraphs.url}/items`, typeDefs: ITEMS_SCHEMA },
  ]);
  const gateway = cleanup.use(
    // Kept answers are no cost of whoever attacks.
    await startGatewayProcess({ supergraphSdl, config: { cache: { memoryBytes: MB } } }),
  );
  const url = new URL('/graphql', gateway.url).href;
  await askOrdinarily(url);
  const before = await gateway.memory();
  const attackers = await attack.run(url);
  const latencies = await askOrdinarily(url);
  const held = await gateway.memory();
  const { count, connected } = attackers;
  attackers.leave();
  await sleep(REST_MS);
  const after = await gateway.memory();
  const { peakRssBytes } = await gateway.usage();
  return {
    ...{ count, connected, peakRssBytes },
    beforeBytes: before.liveBytes,
    heldBytes: held.liveBytes,
    afterBytes: after.liveBytes,
    medianMs: latencies[REQUESTS / 2] ?? 0,
    maxMs: latencies.at(-1) ?? 0,
  };
}

let pages = 0;

/** What no cache has, one after the other. @returns how long each took, sorted. @throws when one failed */
async function askOrdinarily(url: string): Promise<number[]> {
  const connection = new HttpConnection(url);
  const latencies: number[] = [];
  for (let count = 0; count < REQUESTS; count++) {
    const sentAt = performance.now();
    const { status, body } = await connection.send(postBytes(url, pageRequest(pageId(++pages, 1_001))));
    latencies.push(performance.now() - sentAt);
    if (status !== 200 || body.includes('"errors"'))
      throw new Error(`an ordinary request failed: ${status} ${body}`);
  }
  connection.close();
  return latencies.sort((one, other) => one - other);
}
