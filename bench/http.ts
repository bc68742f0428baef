import { load } from './support/load.js';
import { startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const SERVERS = [
  ['node:http', 'bench/servers/plainServer.js'],
  ['Fastify', 'bench/servers/fastifyServer.js'],
] as const;
const SIZES = [1_000, 10_000, 100_000];

/** Whether a framework under the gateway would cost: the same POST and the same bytes on `node:http` and on Fastify. */
export async function benchHttp(): Promise<string> {
  const rows: string[][] = [];
  for (const bytes of SIZES) {
    for (const [name, script] of SERVERS) {
      await using server = await startMeasured(script, [String(bytes)]);
      const result = await load({
        url: server.url,
        bodies: ['{"query":"{ a }"}'],
        connections: 16,
        durationSeconds: Number(process.env['BENCH_SECONDS'] ?? 10),
        measured: [server],
        isRight: (body) => body.length > bytes,
      });
      rows.push([
        name,
        `${bytes / 1_000} KB`,
        decimals(result.requestsPerSecond, 0),
        decimals(result.p99Ms, 1),
        decimals((result.cpuMsPerRequest[0] ?? 0) * 1_000, 1),
      ]);
    }
  }
  return [
    `POST and an answer from memory, 16 connections, ${machine()}`,
    '',
    table(['server', 'answer', 'requests/s', 'p99 ms', 'CPU µs/request'], rows),
  ].join('\n');
}
