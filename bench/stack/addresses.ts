import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** What listens in docker-compose.yml, by the address that others reach it by there. */
const COMPOSE_ADDRESSES = [
  ...['nginx:8080', 'nginx:8081', 'prometheus:9090', 'registry:4010', 'registry:9464'],
  ...[1, 2, 3].flatMap((number) => [`gateway-${number}:4000`, `gateway-${number}:9464`]),
  ...['products:4001', 'products:9464', 'inventory:4002', 'inventory:9464', 'orders:4003', 'orders:9464'],
  ...['worker-1:9464', 'worker-2:9464', 'cache:6379', 'queue:6379'],
  ...[1, 2, 3].flatMap((number) => [`shard-a-${number}:27017`, `inventory-${number}:27017`]),
];

/** Where on this machine each of them listens instead, so that the shipped files can be used as they are but for that. */
export interface Addresses {
  /** @param composeAddress such as `products:4001` */
  port(composeAddress: string): number;
  /** Every address of compose in a text, replaced. */
  translate(text: string): string;
}

/** @param basePort the first of the ports, in a row; without it free ones are taken */
export async function chooseAddresses(basePort?: number): Promise<Addresses> {
  const count = COMPOSE_ADDRESSES.length;
  const ports =
    basePort === undefined
      ? await freePorts(count)
      : Array.from({ length: count }, (_, index) => basePort + index);
  const byAddress = new Map(COMPOSE_ADDRESSES.map((address, index) => [address, ports[index] as number]));
  return {
    port(address) {
      const port = byAddress.get(address);
      if (port === undefined) throw new Error(`nothing here listens at ${address}`);
      return port;
    },
    translate: (text) =>
      text.replace(/\b[a-z][a-z0-9-]*:\d{4,5}\b/g, (address) => {
        const port = byAddress.get(address);
        return port === undefined ? address : `127.0.0.1:${port}`;
      }),
  };
}

/** All held at once, so that none is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  for (let index = 0; index < count; index++) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
