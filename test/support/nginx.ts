import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findBinary } from './findBinary.js';
import { type ServerProcess, startServerProcess } from './serverProcess.js';
import { until } from './until.js';

export interface NginxPlace {
  readonly port: number;
  /** Writable, and gone after the test. */
  readonly folder: string;
}

/** An NGINX of its own. @param http what stands in its `http` block */
export async function startNginx(http: (place: NginxPlace) => string): Promise<ServerProcess> {
  const binary = findBinary('NGINX_BINARY', ['nginx']);
  if (binary === undefined) throw new Error('no nginx: set NGINX_BINARY, or put it on the PATH');
  const server = await startServerProcess({
    binary,
    readyWhen: /start worker processes/,
    args(place) {
      const { folder } = place;
      const file = join(folder, 'nginx.conf');
      const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const paths = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
      writeFileSync(
        file,
        // The worker's user has to be able to write into the folder; only root may choose one at all.
        `user ${userInfo().username};
        daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr notice;
        events {}
        http { access_log off; ${paths} ${http(place)} }`,
      );
      return ['-p', folder, '-c', file, '-e', 'stderr'];
    },
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      // The workers are processes of their own, which only the master ends.
      server.signal('SIGTERM');
      await until('nginx has ended', () => !isRunning(server.pid));
      await server[Symbol.asyncDispose]();
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
