import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { assetPath } from '../../platform/readAsset.js';

/** Every document of a YAML file of the repository, with `<<` merged as compose does. @throws where it is no YAML */
export function readYaml(file: string): unknown[] {
  const documents = parseAllDocuments(readFileSync(assetPath(file), 'utf8'), { merge: true });
  return [...documents].map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}
