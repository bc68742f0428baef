import { composeSupergraph } from '../schema/composeSupergraph.js';
import { ARMS, type Arm, type ArmInput } from './execution/arms.js';
import { SUBGRAPH_TYPE_DEFS } from './execution/catalogue.js';
import { answerCheck, QUESTIONS, type Question } from './execution/questions.js';
import { type ExactLoadResult, exactLoad, medianOf } from './support/exactLoad.js';
import { postBytes } from './support/httpConnection.js';
import { type MeasuredProcess, startMeasured } from './support/measuredProcess.js';
import { decimals, machine, table } from './support/table.js';

const CONNECTIONS = 50;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15) / ROUNDS;
/** Parts of names of arms and questions, to run only those: `BENCH_ARMS='bound,all off' BENCH_QUESTIONS='heavy query (id'`. */
const wanted = (name: string, variable: string) =>
  (process.env[variable] ?? '').split(',').some((part) => name.includes(part));

interface ArmResult extends ExactLoadResult {
  readonly peakRssBytes: number;
}

async function measure(arm: Arm, question: Question, input: ArmInput): Promise<ArmResult | string> {
  let gateway: MeasuredProcess;
  try {
    gateway = await arm.start(input);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  try {
    const check = answerCheck(question);
    const requests = question.bodies.map((body) =>
      postBytes(gateway.url, body, { accept: 'application/json' }),
    );
    const rounds: ExactLoadResult[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const result = await exactLoad({
        url: gateway.url,
        requests,
        connections: CONNECTIONS,
        until: { seconds: SECONDS },
        measured: gateway,
        isRight: ({ status, body }, index) => status === 200 && check(body, index),
      });
      // The first round warms up: plans, the engine's compiler, caches.
      if (round > 0) rounds.push(result);
    }
    return { ...medianOf(rounds), peakRssBytes: (await gateway.usage()).peakRssBytes };
  } catch (error) {
    return `no number: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}`;
  } finally {
    await gateway[Symbol.asyncDispose]();
  }
}

function supergraph(subgraphs: MeasuredProcess): string {
  return composeSupergraph(
    Object.entries(SUBGRAPH_TYPE_DEFS).map(([name, typeDefs]) => ({
      name,
      url: `${subgraphs.url}/${name}`,
      typeDefs,
    })),
  ).supergraphSdl;
}

function row(name: string, result: ArmResult | string, bound: ArmResult | string | undefined): string[] {
  if (typeof result === 'string') return [name, result.replaceAll(/\s+/g, ' ')];
  const times = typeof bound === 'object' ? decimals(result.cpuUsPerRequest / bound.cpuUsPerRequest, 2) : '';
  return [
    name,
    decimals(result.requestsPerSecond, 0),
    decimals(result.p50Ms, 1),
    decimals(result.p99Ms, 1),
    decimals(result.cpuUsPerRequest / 1000, 3),
    times,
    decimals(result.peakRssBytes / 1024 / 1024, 0),
  ];
}

/** What one plan costs: gateways before the same subgraphs, from nothing shared to everything kept. */
export async function benchExecution(): Promise<string> {
  await using silent = await startMeasured('bench/servers/executionSubgraphs.js', ['0']);
  await using keepable = await startMeasured('bench/servers/executionSubgraphs.js', ['3600']);
  const input = { silent: supergraph(silent), keepable: supergraph(keepable) };
  const sections: string[] = [];
  for (const question of QUESTIONS.filter(({ name }) => wanted(name, 'BENCH_QUESTIONS'))) {
    const rows: string[][] = [];
    let bound: ArmResult | string | undefined;
    for (const arm of ARMS.filter(({ name }) => wanted(name, 'BENCH_ARMS'))) {
      const result = await measure(arm, question, input);
      if (arm.name === 'the bound') bound = result;
      rows.push(row(arm.name, result, bound));
    }
    const bytes = Buffer.byteLength(question.expected[0] ?? '');
    sections.push(
      `**${question.name}**, ${decimals(bytes / 1000, 1)} KB`,
      table(
        [
          'gateway',
          'requests/s',
          'p50 ms',
          'p99 ms',
          'CPU s/1,000 requests',
          'of the bound',
          'peak memory MB',
        ],
        rows,
      ),
    );
  }
  return [
    `Execution of plans, ${CONNECTIONS} connections, median of ${ROUNDS} rounds, ${machine()}`,
    ...sections,
  ].join('\n\n');
}
