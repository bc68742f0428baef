// Writes a new Ed25519 private key as PEM, unless the file is there: `node deploy/makeSigningKey.mjs FILE`.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync('ed25519');
try {
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o400 });
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
}
