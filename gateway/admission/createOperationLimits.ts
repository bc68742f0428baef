import { GraphQLError, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { LimitsConfig } from './limitsConfig.js';
import { type DocumentSize, measureDocument } from './measureDocument.js';
import { measureVariables } from './measureVariables.js';

export const LIMITS = [
  'tokens',
  'depth',
  'fields',
  'rootFields',
  'aliases',
  'directives',
  'listItems',
  'listDepth',
  'variableValues',
  'variableDepth',
] as const;
export type LimitName = (typeof LIMITS)[number];

/** What a client sends, over whatever transport. */
export interface OperationText {
  readonly query?: string | undefined;
  readonly variables?: unknown;
}

export interface OperationLimits {
  /**
   * Before anything else is done with an operation. What is no GraphQL passes: the parser says that better.
   * @throws CodedError `OPERATION_LIMIT_EXCEEDED`
   */
  admit(operation: OperationText): void;
  /** What a document measures; `undefined` when it is none, or too large to be looked at. For those who develop. */
  sizeOf(query: string): DocumentSize | undefined;
}

export interface OperationLimitsOptions {
  readonly config: LimitsConfig;
  readonly logger: Logger;
  count?(limit: LimitName, outcome: 'refused' | 'warned'): void;
}

interface Excess {
  readonly limit: LimitName;
  readonly maximum: number;
}

interface Verdict {
  readonly size: DocumentSize | undefined;
  readonly excess: Excess | undefined;
}

const KEPT_TEXT_CHARACTERS = 16 * 1024 * 1024;

/** Measures each text once: a document that was sent before costs a look-up. */
export function createOperationLimits(options: OperationLimitsOptions): OperationLimits {
  const { config, logger, count = () => {} } = options;
  const verdicts = new LRUCache<string, Verdict>({
    max: 10_000,
    maxSize: KEPT_TEXT_CHARACTERS,
    sizeCalculation: (_verdict, text) => text.length + 200,
  });

  function verdictOn(query: string): Verdict {
    let verdict = verdicts.get(query);
    if (verdict === undefined) {
      verdict = judge(query, config);
      verdicts.set(query, verdict);
    }
    return verdict;
  }

  function refuse({ limit, maximum }: Excess): void {
    if (config.mode === 'warn') {
      count(limit, 'warned');
      logger.warn({ limit, maximum }, 'an operation is beyond a limit');
      return;
    }
    count(limit, 'refused');
    throw new CodedError('OPERATION_LIMIT_EXCEEDED', `${WORDS[limit]}: ${maximum} at most.`, {
      extensions: { limit, maximum },
    });
  }

  return {
    admit({ query, variables }) {
      if (config.mode === 'off') return;
      const excess = query === undefined || query === '' ? undefined : verdictOn(query).excess;
      if (excess !== undefined) refuse(excess);
      const ofVariables = variables ? excessOfVariables(variables, config) : undefined;
      if (ofVariables !== undefined) refuse(ofVariables);
    },
    sizeOf: (query) => verdictOn(query).size,
  };
}

const WORDS: Record<LimitName, string> = {
  tokens: 'The document is too long, in tokens',
  depth: 'Fields are nested too deeply',
  fields: 'The operation has too many fields',
  rootFields: 'The operation has too many fields at its root',
  aliases: 'The document has too many aliases',
  directives: 'The document has too many directives',
  listItems: 'A list has too many elements',
  listDepth: 'Lists are nested too deeply',
  variableValues: 'The variables have too many values',
  variableDepth: 'The variables are nested too deeply',
};

function judge(query: string, config: LimitsConfig): Verdict {
  try {
    const size = measureDocument(parse(query, { noLocation: true, maxTokens: config.maxTokens }));
    return { size, excess: excessOf(size, config) };
  } catch (error) {
    // Nested so deeply that the parser itself gave up.
    if (error instanceof RangeError) {
      return { size: undefined, excess: { limit: 'depth', maximum: config.maxDepth } };
    }
    const isTooLong = error instanceof GraphQLError && TOO_MANY_TOKENS.test(error.message);
    return {
      size: undefined,
      excess: isTooLong ? { limit: 'tokens', maximum: config.maxTokens } : undefined,
    };
  }
}

const TOO_MANY_TOKENS = /Document contains more tha[nt] \d+ tokens/;

function excessOf(size: DocumentSize, config: LimitsConfig): Excess | undefined {
  if (size.depth > config.maxDepth) return { limit: 'depth', maximum: config.maxDepth };
  if (size.fields > config.maxFields) return { limit: 'fields', maximum: config.maxFields };
  if (size.rootFields > config.maxRootFields) return { limit: 'rootFields', maximum: config.maxRootFields };
  if (size.aliases > config.maxAliases) return { limit: 'aliases', maximum: config.maxAliases };
  if (size.directives > config.maxDirectives) return { limit: 'directives', maximum: config.maxDirectives };
  if (size.listItems > config.maxListItems) return { limit: 'listItems', maximum: config.maxListItems };
  if (size.listDepth > config.maxListDepth) return { limit: 'listDepth', maximum: config.maxListDepth };
  return undefined;
}

function excessOfVariables(variables: unknown, config: LimitsConfig): Excess | undefined {
  const { listItems, values, depth } = measureVariables(variables);
  if (depth > config.maxVariableDepth) return { limit: 'variableDepth', maximum: config.maxVariableDepth };
  if (values > config.maxVariableValues)
    return { limit: 'variableValues', maximum: config.maxVariableValues };
  if (listItems > config.maxListItems) return { limit: 'listItems', maximum: config.maxListItems };
  return undefined;
}
