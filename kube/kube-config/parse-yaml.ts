import { LineCounter, parseDocument } from 'yaml';
import { KubeConfigError } from './kube-config-error.ts';

/**
 * What a kubeconfig says.
 *
 * @throws {KubeConfigError} with the position alone: the parser's own words may quote the line, and with it a token
 */
export function parseYaml(file: string, content: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, merge: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const what = error.code.toLowerCase().replaceAll('_', ' ');
    throw new KubeConfigError(`${file}:${line}:${col}: this is not YAML: ${what}`);
  }
  try {
    return document.toJS();
  } catch {
    throw new KubeConfigError(`${file}: this is not YAML: an alias has no anchor, or there are far too many`);
  }
}
