import { readAsset } from '../../platform/readAsset.js';
import type { NginxPlace } from './nginx.js';

/** The configuration in deploy/nginx, as it stands there but for addresses. @param gateways `host:port`, three of them */
export function shippedNginx(gateways: readonly string[], place: NginxPlace): string {
  const servers = [...gateways];
  const upstream = readAsset('deploy/nginx/gateways.conf').replace(
    /gateway-\d:4000/g,
    () => servers.shift() as string,
  );
  const server = readAsset('deploy/nginx/headgate.conf')
    .replace('/tmp/headgate-cache', `${place.folder}/cache`)
    .replace('listen 8080', `listen 127.0.0.1:${place.port}`);
  return `${upstream}\n${server}`;
}
