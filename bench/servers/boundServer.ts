import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'graphql';
import { Pool } from 'undici';
import { coerceVariables } from '../../gateway/execution/coerceVariables.js';
import { executePlan } from '../../gateway/execution/executePlan.js';
import { ANONYMOUS } from '../../gateway/identity/caller.js';
import { buildSnapshot } from '../../gateway/supergraph/snapshot.js';
import { createLogger } from '../../platform/logger.js';

interface RecordedFetch {
  readonly path: string;
  readonly body: Buffer;
}

/** One request, played back: fetches in the waves in which a gateway has to send them, and the result. */
interface Recording {
  readonly waves: RecordedFetch[][];
  readonly result: unknown;
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/**
 * The bound of the execution benchmark: what a gateway cannot do without, and nothing else. The same fetches in the
 * same waves, each answer parsed, a result written as JSON and sent. The first request of a kind is recorded.
 * @param file the supergraph
 */
async function main(file: string): Promise<void> {
  const snapshot = buildSnapshot(readFileSync(file, 'utf8'), { planCacheEntries: 100 });
  const addresses = new Map([...snapshot.subgraphs].map(([name, url]) => [name, new URL(url)]));
  const [anyAddress] = addresses.values();
  const pool = new Pool(anyAddress?.origin as string, { connections: 100, pipelining: 1 });
  const recordings = new Map<string, Promise<Recording>>();

  async function fetch({ path, body }: RecordedFetch): Promise<unknown> {
    const answer = await pool.request({ method: 'POST', path, headers: HEADERS, body });
    return JSON.parse(await answer.body.text());
  }

  async function record(text: string): Promise<Recording> {
    const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, unknown> };
    const key = createHash('sha256').update(query).digest('hex');
    const plan = snapshot.plan(parse(query), key, undefined, ANONYMOUS);
    const waves: RecordedFetch[][] = [];
    let lastWave = -1;
    const coerced = coerceVariables(plan, variables);
    if (coerced.errors) throw coerced.errors[0];
    const result = await executePlan(plan, {
      variables: coerced.variables,
      context: undefined,
      async fetch(request) {
        const wave = lastWave + 1;
        const recorded = {
          path: addresses.get(request.subgraph)?.pathname as string,
          body: Buffer.from(JSON.stringify({ query: request.query, variables: request.variables })),
        };
        waves[wave] = [...(waves[wave] ?? []), recorded];
        const answer = await fetch(recorded);
        lastWave = Math.max(lastWave, wave);
        return answer as { data: Record<string, unknown> };
      },
    });
    return { waves, result };
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      const recording = recordings.get(text) ?? record(text);
      recordings.set(text, recording);
      void recording.then(async ({ waves, result }) => {
        for (const wave of waves) await Promise.all(wave.map(fetch));
        const bytes = Buffer.from(JSON.stringify(result));
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
        response.end(bytes);
      });
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    createLogger({ name: 'bound', format: 'json' }).info(
      { url: `http://127.0.0.1:${port}` },
      'the bound answers',
    );
  });
  process.once('SIGTERM', () => process.exit());
}

void main(process.argv[2] as string);
