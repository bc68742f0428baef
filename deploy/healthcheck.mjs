// Exits with 0 when the URL answers with a status of success, for images that have node and no curl.
// Usage: node deploy/healthcheck.mjs http://127.0.0.1:4000/health/ready
const [url = 'http://127.0.0.1:4000/health/ready'] = process.argv.slice(2);
try {
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
