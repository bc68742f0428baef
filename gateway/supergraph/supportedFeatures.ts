import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES } from '@apollo/federation-internals';
import { AUTHORIZATION_FEATURES } from '../authorization/readRequirements.js';

/**
 * Features that a supergraph may ask an executor to honour, all of which are honoured here. One with another feature, or
 * another version of one, is refused: what it asks to be protected is never served open.
 */
export const SUPPORTED_FEATURES = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/context/v0.1',
  'https://specs.apollo.dev/cacheTag/v0.1',
  ...AUTHORIZATION_FEATURES,
]);
