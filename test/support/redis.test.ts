import { createConnection } from 'node:net';
import { describeReal } from './realParts.js';
import { startRedis } from './redis.js';

describeReal('redis', 'a Redis for tests', () => {
  it('answers with the settings that were asked for, and is gone when disposed', async () => {
    let port: number;
    {
      await using redis = await startRedis({ args: ['--maxmemory', '3mb'] });
      port = redis.port;
      expect(await ask(port, 'CONFIG GET maxmemory\r\n')).toContain(String(3 * 1024 * 1024));
    }
    await expect(ask(port, 'PING\r\n')).rejects.toThrow('ECONNREFUSED');
  });
});

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(command));
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}
