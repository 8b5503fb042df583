import type { LintFinding, LintResult } from '../lint/lint.ts';
import { type Look, toned } from './look.ts';

/** `deploy/canary.yaml:14:5: error: spec.analysis.stepWeigth: there is no such field, did you mean stepWeight?` */
export function findingLine(finding: LintFinding, look: Pick<Look, 'hasColor'>): string {
  const { file, line, column, severity } = finding;
  const shown = toned(look, severity === 'error' ? 'bad' : 'attention', severity);
  return `${file}:${line}:${column}: ${shown}: ${textOf(finding)}`;
}

/**
 * An annotation of a line, as a workflow of GitHub reads it from its log.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export function annotationLine(finding: LintFinding): string {
  const { file, line, column, severity } = finding;
  const place = `file=${propertyOf(file)},line=${line},col=${column}`;
  return `::${severity} ${place}::${escaped(textOf(finding))}`;
}

/** `3 objects in 2 files: 1 error, 2 warnings; 4 of other kinds are passed over`. */
export function lintSummary({ findings, checked, passedOver }: LintResult, files: number): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const counts = `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`;
  const others =
    passedOver === 0 ? '' : `; ${passedOver} of other kinds ${passedOver === 1 ? 'is' : 'are'} passed over`;
  return `${counted(checked, 'object')} in ${counted(files, 'file')}: ${counts}${others}`;
}

function textOf({ path, message }: LintFinding): string {
  return path === '' ? message : `${path}: ${message}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function propertyOf(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
