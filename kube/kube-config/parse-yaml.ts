import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { KubeConfigError } from './kube-config-error.ts';

const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * What a kubeconfig says.
 *
 * @throws {KubeConfigError} with the position alone: the parser's own words may quote the line, and with it a token
 */
export function parseYaml(file: string, content: string): unknown {
  const [document, ...others] = documentsOf(file, content);
  if (others.length > 0) throw new KubeConfigError(`${file}: there is more than one document in it`);
  return document;
}

function documentsOf(file: string, content: string): readonly unknown[] {
  try {
    return loadAll(content, { schema: SCHEMA });
  } catch (error) {
    const { mark } = error instanceof YAMLException ? error : {};
    const at = mark === undefined ? '' : `:${mark.line + 1}:${mark.column + 1}`;
    throw new KubeConfigError(`${file}${at}: this is not YAML`);
  }
}
