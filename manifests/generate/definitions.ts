import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SchemaNode } from '../../api/schema-node.ts';

export interface Definition {
  /** Such as `canary.yaml`. */
  readonly file: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: SchemaNode;
}

interface CustomResourceDefinition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: SchemaNode };
    }[];
  };
}

/** The definitions of a folder, in the order of their kinds; of each, the version that objects are kept in. */
export async function readDefinitions(folder: string): Promise<readonly Definition[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const definitions: Definition[] = [];
  for (const file of files) {
    // Merge keys (<<) are what kubectl and kustomize understand too.
    const document = parse(await readFile(join(folder, file), 'utf8'), { merge: true }) as CustomResourceDefinition;
    if (document.kind !== 'CustomResourceDefinition') continue;
    const stored = document.spec.versions.find((version) => version.storage);
    if (stored === undefined) throw new Error(`${file}: no version is stored`);
    definitions.push({
      file,
      group: document.spec.group,
      version: stored.name,
      kind: document.spec.names.kind,
      schema: stored.schema.openAPIV3Schema,
    });
  }
  return definitions.toSorted((a, b) => a.kind.localeCompare(b.kind));
}
