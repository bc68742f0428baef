import { Server } from 'node:http';

// Preloaded (`node --require`) into a gateway that shall leak: one object of 32 bytes stays, for as many requests as make
// up the bytes for each that `BENCH_LEAK_BYTES` names.
class Leaked {
  constructor(readonly before: Leaked | undefined) {}
}
const SIZE_BYTES = 32;
const bytesEach = Number(process.env['BENCH_LEAK_BYTES']);

let last: Leaked | undefined;
let owedBytes = 0;
const emit = Server.prototype.emit;
Server.prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
  if (event === 'request') {
    owedBytes += bytesEach;
    while (owedBytes >= SIZE_BYTES) {
      owedBytes -= SIZE_BYTES;
      last = new Leaked(last);
    }
  }
  return Reflect.apply(emit, this, [event, ...args]) as boolean;
};
