import { readAsset } from '../../platform/readAsset.js';
import type { NginxPlace } from './nginx.js';

/**
 * The configuration in deploy/nginx, as it stands there but for addresses.
 *
 * @param gateways `host:port`, three of them
 * @param pictures `host:port` of the sample's pictures; without it nobody answers there
 * @param purgeSocket path of the socket that purges are sent to, which needs no second port that is free
 */
export function shippedNginx(
  gateways: readonly string[],
  place: NginxPlace,
  { purgeSocket = `${place.folder}/purges.sock`, pictures = '127.0.0.1:9' } = {},
): string {
  const servers = [...gateways];
  const upstream = readAsset('deploy/nginx/gateways.conf')
    .replace(/gateway-\d:4000/g, () => servers.shift() as string)
    .replace('products:4001', pictures)
    // Addresses need no resolving, and an NGINX before 1.27.3 does not know the word.
    .replaceAll(' resolve;', ';');
  const server = readAsset('deploy/nginx/headgate.conf')
    .replaceAll('/tmp/headgate-', `${place.folder}/`)
    .replace('listen 8081', `listen unix:${purgeSocket}`)
    .replace('listen 8080', `listen 127.0.0.1:${place.port}`);
  return `${upstream}\n${server}`;
}
