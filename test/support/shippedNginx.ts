import { readAsset } from '../../platform/readAsset.js';
import type { NginxPlace } from './nginx.js';

/**
 * The configuration in deploy/nginx, as it stands there but for addresses.
 *
 * @param gateways `host:port`, three of them
 * @param purgeSocket path of the socket that purges are sent to, which needs no second port that is free
 */
export function shippedNginx(
  gateways: readonly string[],
  place: NginxPlace,
  purgeSocket = `${place.folder}/purges.sock`,
): string {
  const servers = [...gateways];
  const upstream = readAsset('deploy/nginx/gateways.conf').replace(
    /gateway-\d:4000/g,
    () => servers.shift() as string,
  );
  const server = readAsset('deploy/nginx/headgate.conf')
    .replaceAll('/tmp/headgate-', `${place.folder}/`)
    .replace('listen 8081', `listen unix:${purgeSocket}`)
    .replace('listen 8080', `listen 127.0.0.1:${place.port}`);
  return `${upstream}\n${server}`;
}
