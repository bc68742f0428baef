import { processMetrics } from '../../platform/metrics/processMetrics.js';
import type { Gateway } from '../createGateway.js';
import type { MetricsJson, WorkerQuestion, WorkerQuestions } from './supervisionMessages.js';

/** What the primary wants to know of a worker, or have done, for operators. */
export async function answerQuestion(
  { caching, metrics, readiness }: Pick<Gateway, 'caching' | 'metrics' | 'readiness'>,
  question: WorkerQuestion,
): Promise<WorkerQuestions[WorkerQuestion['name']]['answer']> {
  switch (question.name) {
    case 'status':
      return { readiness: readiness(), subgraphs: caching.subgraphs() };
    case 'metrics': {
      const both = [metrics.registry, processMetrics()];
      return (await Promise.all(both.map((registry) => registry.getMetricsAsJSON()))).flat() as MetricsJson;
    }
    case 'count': {
      const { tier, tags } = question.argument;
      const found = caching.tiers.find(({ name }) => name === tier);
      if (found === undefined) throw new Error(`there is no tier ${tier}`);
      return found.count(tags);
    }
    case 'invalidate':
      await caching.invalidator.apply(question.argument);
      return null;
  }
}
