import type { SubgraphSchema } from '../composeSupergraph.js';
import type { SchemaChange } from './diffSchemas.js';
import type { LintLevels } from './lintRules.js';
import type { LintFinding } from './lintSchema.js';
import type { BrokenOperation, OperationText } from './validateOperations.js';

/** Composes, loads the outcome as the gateway does, and compares what clients would see with what they see now. */
export interface ComposeJob {
  readonly kind: 'compose';
  readonly subgraphs: readonly SubgraphSchema[];
  /** The API schema that clients see now; without it nothing is compared. */
  readonly before?: string | undefined;
}

export interface Composed {
  readonly outcome: 'composed';
  readonly supergraphSdl: string;
  /** What clients see, as SDL. */
  readonly apiSchema: string;
  readonly hints: readonly string[];
  readonly changes: readonly SchemaChange[];
}

export interface NotComposed {
  /** `faulty`: the schemas do not fit together. `unloadable`: they compose to what the gateway cannot serve. */
  readonly outcome: 'faulty' | 'unloadable';
  /** One line each, beginning with a code. */
  readonly faults: readonly string[];
}

/** Compares two API schemas that were composed earlier. */
export interface DiffJob {
  readonly kind: 'diff';
  readonly before: string;
  readonly after: string;
}

/** Which of these operations do not fit. */
export interface ValidateJob {
  readonly kind: 'validate';
  /** What did not fit this either is left out. */
  readonly before?: string;
  readonly after: string;
  readonly operations: readonly OperationText[];
}

export interface LintJob {
  readonly kind: 'lint';
  readonly text: string;
  readonly levels: LintLevels;
}

export interface JobResults {
  readonly compose: Composed | NotComposed;
  readonly diff: readonly SchemaChange[];
  readonly validate: readonly BrokenOperation[];
  readonly lint: readonly LintFinding[];
}

export type Job = ComposeJob | DiffJob | ValidateJob | LintJob;
export type ResultOf<J extends Job> = JobResults[J['kind']];
