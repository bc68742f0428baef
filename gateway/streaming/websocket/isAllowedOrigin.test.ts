import { type GatewayConfigInput, gatewayConfigSchema } from '../../config.js';
import { isAllowedOrigin } from './isAllowedOrigin.js';

const HOST = 'api.shop.example';
const OWN = `https://${HOST}`;
const FOREIGN = 'https://evil.example';
const allows = (config: GatewayConfigInput, origin?: string) =>
  isAllowedOrigin(gatewayConfigSchema.parse(config), { host: HOST, ...(origin && { origin }) });

describe('a page that opens a WebSocket', () => {
  it.each<[string, GatewayConfigInput]>([
    ['cookies are sent on', { propagateHeaders: ['cookie'] }],
    ['a proxy says who calls, who may know it by a cookie', { identity: { trustedHeader: 'x-user' } }],
  ])('has to be of the same host where %s', (_why, config) => {
    expect(allows(config, OWN)).toBe(true);
    expect(allows(config, FOREIGN)).toBe(false);
    expect(allows(config)).toBe(true);
  });

  it.each<[string, GatewayConfigInput]>([
    ['no cookie decides anything', {}],
    [
      'clients may say who they are, for development',
      { identity: { trustedHeader: 'x-user' }, streaming: { trustConnectionParams: true } },
    ],
    ['it is named', { identity: { trustedHeader: 'x-user' }, streaming: { allowedOrigins: [FOREIGN] } }],
  ])('may be of another where %s', (_why, config) => {
    expect(allows(config, FOREIGN)).toBe(true);
  });
});
