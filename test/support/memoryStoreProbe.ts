import { MemoryStore } from '../../gateway/cache/memoryStore.js';

// Run by `probeMemoryStore` with `--expose-gc`: fills a store with 300,000 keys and tells what the heap grew by.
const collectGarbage = global.gc as () => void;
const maxBytes = 48 * 1024 * 1024;
const now = Date.now();
const times = {
  createdAt: now,
  freshUntil: now + 3_600_000,
  staleUntil: now + 3_600_000,
  errorUntil: now + 3_600_000,
};

collectGarbage();
const before = process.memoryUsage();
const store = new MemoryStore({ maxBytes });
const page = JSON.stringify({ padding: 'p'.repeat(100_000) });
for (let index = 0; index < 300_000; index++) {
  // As it is in a gateway: keys are put together, and bodies are cut out of larger answers.
  const body =
    index % 100 === 0
      ? page.slice(index % 1_000, (index % 1_000) + 200)
      : `{"id":"p${index}","price":${index}}`;
  const tags = [`Product:id=p${index}`, `list:category=${index % 1_000}`, 'subgraph:products'];
  store.set(`products:entity:fingerprint:${index}`, { ...times, scope: 'public', tags, body }, store.begin());
  if (index % 10 === 0) store.invalidate([`Product:id=p${index - 5}`]);
}
collectGarbage();
const after = process.memoryUsage();
const grown = after.heapUsed + after.external - before.heapUsed - before.external;
process.stdout.write(JSON.stringify({ maxBytes, grown, bytes: store.bytes, size: store.size }));
