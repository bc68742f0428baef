import { hash } from 'node:crypto';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Snapshot } from '../supergraph/snapshot.js';
import { compileCoordinates, type OperationCoordinates, type Variables } from './compileCoordinates.js';
import { operationText } from './operationText.js';
import type { UsageMark } from './usageMark.js';

export interface UsedOperation {
  readonly snapshot: Snapshot;
  /** Identifies the document's text. */
  readonly documentKey: string;
  readonly operationName: string | undefined;
  /** As the client sent them. */
  readonly variables: Variables | null | undefined;
  /** Looked up only the first time. */
  readonly document: () => { readonly document: DocumentNode; readonly text: string | undefined } | undefined;
}

interface CompiledOperation {
  readonly mark: Omit<UsageMark, 'coordinates' | 'counts'>;
  readonly coordinates: OperationCoordinates;
  /** By what the variables send. */
  readonly marks: Map<string, UsageMark>;
}

/** Operations that are told apart, per graph. */
const MAX_OPERATIONS = 2_000;
/** What variables send is one of few in practice; a client that sends everything in every combination is an exception. */
const MAX_MARKS_PER_OPERATION = 100;

/**
 * Finds out what requests use. An operation is compiled once; for each request of it, what remains is to look at
 * the variables. @returns `undefined` for what cannot be told
 */
export function createMarkOperations(): (used: UsedOperation) => UsageMark | undefined {
  const graphs = new WeakMap<
    Snapshot,
    { readonly sha256: string; readonly operations: LRUCache<string, CompiledOperation> }
  >();

  function graphOf(snapshot: Snapshot) {
    let graph = graphs.get(snapshot);
    if (graph === undefined) {
      graph = {
        sha256: hash('sha256', snapshot.supergraphSdl, 'hex'),
        operations: new LRUCache<string, CompiledOperation>({ max: MAX_OPERATIONS }),
      };
      graphs.set(snapshot, graph);
    }
    return graph;
  }

  function compile(used: UsedOperation, supergraph: string): CompiledOperation | undefined {
    const found = used.document();
    const described = found && operationText(found.document, used.operationName, found.text);
    if (described === undefined) return undefined;
    const { id, text, operation, fragments } = described;
    return {
      mark: { supergraph, id, name: operation.name?.value, kind: operation.operation, text },
      coordinates: compileCoordinates(operation, fragments, used.snapshot.apiSchema),
      marks: new Map(),
    };
  }

  return (used) => {
    const { sha256, operations } = graphOf(used.snapshot);
    const key = `${used.documentKey}:${used.operationName ?? ''}`;
    let compiled = operations.get(key);
    if (compiled === undefined) {
      compiled = compile(used, sha256);
      if (compiled === undefined) return undefined;
      operations.set(key, compiled);
    }
    const coordinates = compiled.coordinates.coordinatesOf(used.variables ?? {});
    const sent = [coordinates.arguments, coordinates.inputFields, coordinates.enumValues].join(';');
    let mark = compiled.marks.get(sent);
    if (mark === undefined) {
      if (compiled.marks.size >= MAX_MARKS_PER_OPERATION) forgetUncounted(compiled.marks);
      if (compiled.marks.size >= MAX_MARKS_PER_OPERATION) return undefined;
      mark = { ...compiled.mark, coordinates, counts: new Map() };
      compiled.marks.set(sent, mark);
    }
    return mark;
  };
}

/** Those that nothing was counted for since the last report make room: what clients send changes over the weeks. */
function forgetUncounted(marks: Map<string, UsageMark>): void {
  for (const [sent, { counts }] of marks) if (counts.size === 0) marks.delete(sent);
}
