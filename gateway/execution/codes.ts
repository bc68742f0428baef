/** `extensions.code` of the errors that the executor itself makes. */
export const executionCodes = {
  /** The request to a subgraph was rejected by whoever sent it, without a code of its own. */
  requestFailed: 'SUBGRAPH_REQUEST_FAILED',
  /** A subgraph answered something that is no GraphQL response, or not to the question asked. */
  responseInvalid: 'SUBGRAPH_RESPONSE_INVALID',
  /** A subgraph reported an error without a code. Apollo's name for it, which clients know. */
  downstream: 'DOWNSTREAM_SERVICE_ERROR',
  /** The caller aborted; what had not been asked by then is missing. */
  aborted: 'EXECUTION_ABORTED',
  /** A value does not fit the API schema. Apollo's name for it. */
  invalidValue: 'INVALID_GRAPHQL',
  /** The operation cannot be sent because a variable bears a name that the entity protocol reserves. */
  reservedVariable: 'RESERVED_VARIABLE_NAME',
  /** The plan has a node that this entry does not run (`@defer`, subscription). */
  notSupported: 'EXECUTION_NOT_SUPPORTED',
} as const;
