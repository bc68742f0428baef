import { buildSchema, type GraphQLSchema, printSchema } from 'graphql';
import { composeSupergraph } from '../composeSupergraph.js';
import { CompositionError } from '../compositionError.js';
import { diffSchemas } from './diffSchemas.js';
import type { Composed, ComposeJob, Job, NotComposed } from './jobs.js';
import { brokenOperations } from './validateOperations.js';

/** Loads a supergraph as the gateway does, and gives what its clients see. @throws when the gateway would refuse it */
export type LoadSupergraph = (supergraphSdl: string) => GraphQLSchema;

export async function runJob(job: Job, load: LoadSupergraph): Promise<unknown> {
  switch (job.kind) {
    case 'compose':
      return compose(job, load);
    case 'diff':
      return diffSchemas(schemaOf(job.before), schemaOf(job.after));
    case 'validate':
      return brokenOperations(
        job.before === undefined ? undefined : schemaOf(job.before),
        schemaOf(job.after),
        job.operations,
      );
    case 'lint':
      // A second of loading, which a publish does not need.
      return (await import('./lintSchema.js')).lintSchema(job.text, job.levels);
  }
}

async function compose(
  { subgraphs, before }: ComposeJob,
  load: LoadSupergraph,
): Promise<Composed | NotComposed> {
  if (subgraphs.length === 0)
    return { outcome: 'faulty', faults: ['NO_SUBGRAPHS: a graph has at least one subgraph'] };
  let composition: ReturnType<typeof composeSupergraph>;
  try {
    composition = composeSupergraph(subgraphs);
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    return { outcome: 'faulty', faults: error.faults };
  }
  const { supergraphSdl, hints } = composition;
  let apiSchema: GraphQLSchema;
  try {
    apiSchema = load(supergraphSdl);
  } catch (error) {
    // The lines after that show the place in a text that nobody wrote.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n\n');
    return {
      outcome: 'unloadable',
      faults: [`NOT_LOADABLE: the gateway cannot serve this graph: ${reason.replaceAll(/\s*\n\s*/g, ' ')}`],
    };
  }
  const printed = printSchema(apiSchema);
  // Both sides take the same way through text, so that nothing differs which only a printer made different.
  const changes = before === undefined ? [] : await diffSchemas(schemaOf(before), schemaOf(printed));
  return { outcome: 'composed', supergraphSdl, apiSchema: printed, hints, changes };
}

/** The text was printed from a valid schema. */
function schemaOf(text: string): GraphQLSchema {
  return buildSchema(text, { assumeValid: true });
}
